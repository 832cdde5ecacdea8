// "连接中断，正在自动刷新 · 更新于 n 秒前": shown once the connection has been down for a while, gone when it is back.
import { word } from "./words.js";

const PATIENCE = 4000;
let updated = Date.now();
let waiting = null;
let ticking = null;

function tick(strip) {
  const seconds = Math.round((Date.now() - updated) / 1000);
  const text = seconds < 90 ? word("age", { n: seconds }) : word("age_minutes", { n: Math.round(seconds / 60) });
  strip.querySelector("[data-age]").textContent = text;
}

function show() {
  const strip = document.querySelector("[data-connection]");
  if (!strip) return;
  strip.hidden = false;
  tick(strip);
  ticking = setInterval(tick, 5000, strip);
}

export const banner = {
  fresh() { updated = Date.now(); },
  down() { waiting ??= setTimeout(show, PATIENCE); },
  up() {
    clearTimeout(waiting);
    clearInterval(ticking);
    waiting = null;
    const strip = document.querySelector("[data-connection]");
    if (strip) strip.hidden = true;
  },
};
