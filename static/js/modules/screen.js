// Keeps the screen on the wall true for days: asks again every quarter of a minute and whenever a topic changes, one
// question at a time. A server that is away is said on the screen and asked again; a new version of Linli is loaded.
import { morph } from "./morph.js";
import { listen } from "./socket.js";

const POLL = 15000;
const GAP = 1000;
const PATIENCE = 8000;
const STALE = 50000;

export default (place) => {
  const say = (name, on) => { document.querySelector(`[data-${name}]`).hidden = !on; };
  let fresh = Date.now();
  let asking = false;
  let waiting = null;

  async function ask() {
    const answer = await fetch(place.dataset.src, { headers: { "X-Fragment": "1" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected || [401, 403, 404].includes(answer.status)) return say("over", true);
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place.id);
    if (!found) return;
    if (found.dataset.version !== place.dataset.version) return location.reload();
    morph(place, found);
    fresh = Date.now();
    say("over", false);
  }

  async function refresh() {
    if (asking) return soon();
    asking = true;
    await ask().catch(() => {});
    asking = false;
    say("trouble", Date.now() - fresh > STALE);
    place.dispatchEvent(new CustomEvent("shown"));
  }

  const soon = () => {
    waiting ??= setTimeout(() => { waiting = null; refresh(); }, GAP);
  };
  setInterval(refresh, POLL);
  place.addEventListener("refresh", refresh);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  const topics = place.dataset.topics.split(" ").filter(Boolean);
  if (topics.length) listen({ topics: () => topics, changed: soon, joined: soon });
};
