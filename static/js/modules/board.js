// The board by mouse, by keys and by dragging. Each of these ends in a link or a form that is there without them too.
import { assign, takeBack } from "./assign.js";
import drag from "./drag.js";
import { look, relook, renew } from "./look.js";
import shortcuts from "./shortcuts.js";
import { word } from "./words.js";

const EACH_MINUTE = 60000;
const TYPED = 350;
const rows = () => [...document.querySelectorAll("#queue [data-order]")];
const choices = () => [...document.querySelectorAll("#picked [data-choice]")];
const picked = () => look().get("order");

function mark() {
  for (const row of document.querySelectorAll("[data-row], .kanban-card")) {
    if (row.dataset.order === picked()) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  for (const bar of document.querySelectorAll(".times-bar")) bar.classList.toggle("picked", bar.dataset.pick === picked());
}

function pick(id) {
  relook({ order: id });
  mark();
  renew("picked", "timeline");
  document.getElementById("side").scrollTop = 0;
}

let place = -1;
function walk(by) {
  const all = rows();
  const here = all.findIndex((row) => row.dataset.order === picked());
  const row = all[Math.min(all.length - 1, Math.max(0, here < 0 ? place + (by > 0 && place < 0) : here + by))];
  if (!row) return;
  place = all.indexOf(row);
  pick(row.dataset.order);
  row.querySelector("a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

const toRow = () => rows().find((row) => row.dataset.order === picked())?.querySelector("a").focus();

function open(event) {
  const at = document.activeElement;
  if (!picked() || !(at === document.body || at.matches("[data-pick]"))) return false;
  if (at.dataset.pick && at.dataset.pick !== picked()) return false;
  event.preventDefault();
  document.querySelector("#picked [data-open]")?.click();
}

function choose(number) {
  const button = choices()[number - 1];
  if (!button || !document.getElementById("picked").contains(document.activeElement)) return false;
  button.click();
}

function pressed(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const acts = {
    j: () => walk(1), k: () => walk(-1), Enter: () => open(event), z: takeBack, Escape: toRow,
    a: () => (choices()[0] || document.getElementById("picked")).focus(),
    "/": () => document.getElementById("f-q").focus(),
  };
  if (/^[1-9]$/.test(key)) return choose(Number(key));
  if (!acts[key]) return false;
  return acts[key]() === false ? false : undefined;
}

async function submitted(event) {
  const form = event.target;
  if (form.id === "search") {
    event.preventDefault();
    return search(form);
  }
  if (!form.matches("[data-assign]") || event.defaultPrevented) return;
  event.preventDefault();
  const { csrf_token: _token, _key, _next, ...fields } = Object.fromEntries(new FormData(form));
  if (await assign(form.getAttribute("action"), fields)) toRow();
}

function search(form) {
  const { q, urgency } = Object.fromEntries(new FormData(form));
  relook({ q: q.trim(), urgency });
  renew("waiting", "kanban");
  document.querySelector(".map[data-live]")?.dispatchEvent(new CustomEvent("refresh"));
}

function clicked(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-pick], a[data-view]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.pick) {
    pick(link.dataset.pick);
    if (matchMedia("(max-width: 63.99rem)").matches) document.getElementById("picked").scrollIntoView();
    return;
  }
  relook({ view: link.dataset.view === "map" ? "" : link.dataset.view });
  renew("centre");
}

function dropped(source, { dataset: { volunteer } }, at) {
  const fields = { volunteer_id: volunteer, starts_at: at ? new Date(at).toISOString() : "" };
  if (!source.dataset.bar) return assign(`/desk/orders/${source.dataset.order}/offers`, fields);
  const stays = source.closest("[data-volunteer]")?.dataset.volunteer === volunteer;
  if (stays && at === Date.parse(source.dataset.starts)) return null;
  return assign(source.dataset.bar, fields);
}

function keepAge() {
  let since = Date.now();
  const show = () => {
    const place = document.querySelector("[data-fresh]");
    if (place) place.textContent = word("age", { n: Math.round((Date.now() - since) / 1000) });
  };
  document.addEventListener("refreshed", () => { since = Date.now(); show(); });
  setInterval(show, 5000);
  show();
}

export default (board) => {
  let typing = null;
  board.addEventListener("click", clicked);
  board.addEventListener("submit", submitted, true);
  board.addEventListener("input", ({ target }) => {
    if (!target.matches("#search input[type=search], #search select")) return;
    clearTimeout(typing);
    typing = setTimeout(search, TYPED, target.form);
  });
  document.querySelector("[data-undo]").addEventListener("click", takeBack);
  shortcuts(pressed);
  drag(board, dropped);
  keepAge();
  // Risk grows by waiting alone, without anything being told.
  setInterval(() => document.hidden || renew("waiting", "timeline", "kanban"), EACH_MINUTE);
  return mark;
};
