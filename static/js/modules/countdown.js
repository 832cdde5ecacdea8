// Counts on from what the server said was left; said aloud at 60 and at 15 seconds. At the end the live region refreshes.
import { say } from "./say.js";
import { word } from "./words.js";

function text(left) {
  if (left <= 0) return word("over");
  if (left < 60) return word("left_seconds", { n: left });
  const minutes = Math.floor(left / 60);
  return minutes < 60 ? word("left_minutes", { n: minutes }) : word("left_hours", { n: Math.floor(minutes / 60), m: minutes % 60 });
}

export default (time) => {
  let ends;
  let before;
  const start = () => {
    ends = Date.now() + Number(time.dataset.left) * 1000;
    before = Number(time.dataset.left);
  };
  const tick = () => {
    if (!time.isConnected) return clearInterval(timer);
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    if (time.textContent !== text(left)) time.textContent = text(left);
    time.parentElement.classList.toggle("soon", left < 60);
    time.parentElement.classList.toggle("over", left === 0);
    for (const mark of [60, 15]) if (before > mark && left <= mark) say(word("warn", { n: mark }));
    if (before > 0 && left === 0) time.closest("[data-live]")?.dispatchEvent(new CustomEvent("stale", { bubbles: true }));
    before = left;
  };
  const timer = setInterval(tick, 1000);
  let known = time.dataset.left;
  start();
  return () => {
    if (known !== time.dataset.left) start();
    known = time.dataset.left;
    tick();
  };
};
