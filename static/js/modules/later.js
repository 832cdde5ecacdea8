// In a dead spot the service worker keeps what is pressed; here it is shown, and sent when there is a network again.
// A page that was kept itself says when; what waits is put away, and what comes after it is offered.
import { word } from "./words.js";

const EVERY = 8000;
const clock = (at) => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
const said = ({ what, at }) => `${word(`later_${what.replace("-", "_")}`)} ${clock(at)}`;
const line = (text, tone) => Object.assign(document.createElement("p"), { textContent: text, className: tone });
const tell = (what) => navigator.serviceWorker.controller?.postMessage(what);
let list = [];
let sent = [];

function dropButton({ id }) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small", textContent: word("later_drop") });
  button.addEventListener("click", () => tell({ ask: "cross", id }));
  return button;
}

function lines() {
  const waiting = list.filter(({ state }) => state === "waiting");
  const found = [];
  const since = Number(document.body.dataset.kept);
  if (since) found.push(line(word("kept_page", { t: clock(since) }), "later-page"));
  if (waiting.some(({ what }) => what === "help")) found.push(line(word("later_help_waits"), "tone-bad"));
  if (waiting.length) found.push(line(word("later_waits", { w: waiting.map(said).join(word("comma")) }), "tone-wait"));
  for (const one of list.filter(({ state }) => state === "failed")) {
    const row = line(`${word("later_failed", { w: said(one) })} `, "tone-bad");
    const link = Object.assign(document.createElement("a"), { href: one.back, textContent: word("later_look") });
    row.append(link, " ", dropButton(one));
    found.push(row);
  }
  if (list.some(({ state }) => state === "sign-in")) found.push(line(word("later_sign_in"), "tone-bad"));
  if (sent.length) found.push(line(word("later_sent", { w: sent.map(said).join(word("comma")) }), "tone-good"));
  return found;
}

function arrange() {
  const paths = new Set(list.filter(({ state }) => state !== "failed").map(({ path }) => path));
  const waits = (names) => names.split(" ").some((path) => paths.has(path));
  for (const part of document.querySelectorAll("[data-until]")) part.hidden = waits(part.dataset.until);
  for (const part of document.querySelectorAll("[data-after]")) part.hidden = !waits(part.dataset.after);
  for (const part of document.querySelectorAll("[data-opens]")) part.hidden = Date.now() < Date.parse(part.dataset.opens);
  for (const part of document.querySelectorAll("[data-after][data-until]")) part.hidden ||= waits(part.dataset.until);
}

function show() {
  const strip = document.querySelector("[data-later-strip]");
  const found = lines();
  strip.replaceChildren(...found);
  strip.hidden = !found.length;
  arrange();
}

async function listPages() {
  const place = document.querySelector("[data-kept-pages]");
  if (!place) return;
  const pages = await (await caches.open("pages")).keys();
  for (const { url } of pages) {
    const name = (await (await caches.match(url)).text()).match(/<h1[^>]*>([^<]*)/);
    const row = Object.assign(document.createElement("li"), { className: "list-row" });
    row.append(Object.assign(document.createElement("a"), { className: "list-main", href: new URL(url).pathname, textContent: name ? name[1].trim() : url }));
    place.append(row);
  }
}

const refreshAll = () => {
  for (const region of document.querySelectorAll("[data-live]")) region.dispatchEvent(new CustomEvent("stale", { bubbles: true }));
};

export default async (address) => {
  const poke = () => tell({ ask: list.length ? "send" : "list" });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    list = data.list;
    sent = [...sent, ...data.sent];
    show();
    if (data.sent.length) refreshAll();
  });
  document.addEventListener("refreshed", show);
  window.addEventListener("online", poke);
  document.addEventListener("visibilitychange", () => document.hidden || poke());
  setInterval(() => list.length && poke(), EVERY);
  show();
  listPages();
  await navigator.serviceWorker.register(address);
  await navigator.serviceWorker.ready;
  tell({ ask: "send" });
};
