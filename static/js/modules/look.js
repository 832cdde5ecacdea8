// What the board shows is its address: the search, the view, the picked order. Every part is fetched with the same one.
import { refresh } from "./live.js";

const PARTS = '[data-src^="/board/fragments/"]';
const FILTERS = ["q", "status", "urgency", "alert", "office"];
const tail = (query) => (String(query) ? `?${query}` : "");

export const look = () => new URLSearchParams(location.search);

export function relook(changes) {
  const next = look();
  for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
  if (FILTERS.some((name) => name in changes)) next.delete("page");
  history.replaceState(null, "", location.pathname + tail(next));
  for (const part of document.querySelectorAll(PARTS)) part.dataset.src = part.dataset.src.split("?")[0] + tail(next);
  for (const link of document.querySelectorAll("a[data-view]")) {
    const there = new URLSearchParams(next);
    link.dataset.view === "map" ? there.delete("view") : there.set("view", link.dataset.view);
    link.href = location.pathname + tail(there);
  }
  const map = document.querySelector(".map[data-points]");
  if (!map) return;
  const narrowed = new URLSearchParams([...next].filter(([name]) => FILTERS.includes(name)));
  map.dataset.points = map.dataset.points.split("?")[0] + tail(narrowed);
}

export function renew(...ids) {
  for (const id of ids) {
    const part = document.getElementById(id);
    if (part) refresh(part);
  }
}
