// Sends the board's forms and drops without leaving it. A refusal with reasons is asked about; what was done can be undone.
import { renew } from "./look.js";
import { say } from "./say.js";
import { word } from "./words.js";

const bar = () => document.getElementById("undo");
let undo = null;
let ticking = null;

const key = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");

function ask({ detail, conflicts = [], changes = [], confirm }) {
  const box = document.getElementById("ask");
  const lines = conflicts.map(({ words }) => words).concat(changes);
  box.querySelector("[data-reasons]").replaceChildren(...(lines.length ? lines : [detail]).map((line) =>
    Object.assign(document.createElement("li"), { textContent: line })));
  box.querySelector("[data-yes]").hidden = !confirm;
  box.returnValue = "";
  box.showModal();
  return new Promise((answered) => {
    box.addEventListener("close", () => answered(Boolean(confirm) && box.returnValue === "yes"), { once: true });
  });
}

function tell(sentence, seconds = 6) {
  const strip = bar();
  let left = seconds;
  const tick = () => {
    strip.querySelector("[data-left]").textContent = undo ? left : "";
    if (left-- > 0) return;
    clearInterval(ticking);
    undo = null;
    strip.hidden = true;
  };
  clearInterval(ticking);
  strip.querySelector("[data-said]").textContent = sentence;
  strip.querySelector("[data-undo]").hidden = !undo;
  strip.hidden = false;
  ticking = setInterval(tick, 1000);
  tick();
  say(undo ? `${sentence} ${word("undo_hint", { n: seconds })}` : sentence);
}

async function post(url, fields) {
  const body = new FormData(document.getElementById("drop"));
  for (const [name, value] of Object.entries({ ...fields, _key: key() })) if (value) body.set(name, value);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.redirected) location.assign(answer.url);
  return { ok: answer.ok, said: await answer.json().catch(() => ({})) };
}

export async function assign(url, fields) {
  const { ok, said } = await post(url, fields).catch(() => ({ ok: false, said: { detail: word("failed") } }));
  if (said.ask) {
    if (await ask(said.ask)) return assign(url, { ...fields, ...said.ask.confirm });
  } else if (ok) {
    undo = said.undo || null;
    tell(said.said || "", said.seconds);
  } else {
    tell(said.detail || word("failed"));
  }
  renew("picked", "waiting", "timeline", "kanban", "offers");
  return ok && !said.ask;
}

export async function takeBack() {
  const url = undo;
  if (!url) return;
  undo = null;
  await assign(url, {});
}
