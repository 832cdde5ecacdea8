// Keeps what is on the page true. <section id data-live="order:1 office:2" data-src="/fragment"> is fetched again and
// morphed in when one of its topics changes, when the connection comes back, and now and then while it is down.
import { banner } from "./banner.js";
import { morph } from "./morph.js";
import { say } from "./say.js";
import { listen } from "./socket.js";

const POLL = 20000;
const CALM = 120; // between two fetches of the same section
const FIRST = 20; // one change often touches two topics of a section
const late = new WeakMap();
const fetchedAt = new WeakMap();
const postponed = new WeakSet();
const shown = new WeakMap(); // when the answer that a section shows was asked for
const regions = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (region) => region.dataset.live.split(" ").filter(Boolean);
const topics = () => [...new Set(regions().flatMap(topicsOf))];
const typing = (region) => {
  const field = document.activeElement;
  return region.contains(field) && field.matches("input:not([type=submit]):not([type=button]), textarea, select");
};

async function fetchInto(region) {
  const asked = region.dataset.src;
  const turn = performance.now();
  const answer = await fetch(asked, { headers: { "X-Fragment": "1" }, cache: "no-store" });
  if (answer.redirected || [401, 403, 404, 410].includes(answer.status)) return region.removeAttribute("data-live");
  if (!answer.ok || asked !== region.dataset.src) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id) || page.body.firstElementChild;
  if (!fresh || !region.isConnected || shown.get(region) > turn) return; // an older answer that was overtaken
  if (typing(region)) return postpone(region);
  shown.set(region, turn);
  const said = region.dataset.announce;
  morph(region, fresh);
  if (region.dataset.announce && region.dataset.announce !== said) say(region.dataset.announce);
  document.dispatchEvent(new CustomEvent("refreshed"));
}

function postpone(region) {
  if (postponed.has(region)) return;
  postponed.add(region);
  const later = () => { postponed.delete(region); setTimeout(refresh, CALM, region); };
  region.addEventListener("focusout", later, { once: true });
}

export function refresh(region) {
  if (!region.dataset.src) return region.dispatchEvent(new CustomEvent("refresh"));
  if (typing(region)) return postpone(region);
  clearTimeout(late.get(region));
  const wait = performance.now() - (fetchedAt.get(region) ?? -CALM) < CALM ? CALM : FIRST;
  late.set(region, setTimeout(() => {
    fetchedAt.set(region, performance.now());
    fetchInto(region).then(banner.fresh, () => {});
  }, wait));
}

const refreshAll = () => regions().forEach(refresh);

export default async () => {
  let connected = false;
  const readAgain = (names) => regions().filter((r) => topicsOf(r).some((t) => names.includes(t))).forEach(refresh);
  const up = () => { connected = true; banner.up(); };
  const down = () => { connected = false; banner.down(); };
  setInterval(() => { if (!connected && !document.hidden) refreshAll(); }, POLL);
  const line = await listen({ topics, changed: ({ topic }) => readAgain([topic]), joined: readAgain, up, down });
  document.addEventListener("refreshed", () => line?.watch());
  document.addEventListener("stale", ({ target }) => setTimeout(refresh, 1500, target));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    line?.revive();
    refreshAll();
  });
};
