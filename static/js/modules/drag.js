// Dragging an order, or a bar of the timeline, onto a person: with the mouse or a pen. A finger scrolls; everybody has
// the buttons and keys that do the same. drop(source, person, startsAt) is called with the time only on a lane.
const FAR = 6; // pixels before a press becomes a drag
const SLOT = 15 * 60000;
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function timeAt(lane, x) {
  const { first, last } = lane.closest("[data-first]").dataset;
  const row = lane.querySelector("svg").getBoundingClientRect();
  const [from, until] = [Date.parse(first), Date.parse(last)];
  if (x < row.left - 4 || x > row.right) return null;
  return Math.round((from + ((x - row.left) / row.width) * (until - from)) / SLOT) * SLOT;
}

export default (board, drop) => {
  let held = null;

  function stop() {
    held?.ghost?.remove();
    held?.source.classList.remove("dragging");
    held?.target?.classList.remove("drop-here");
    held = null;
  }

  function begin() {
    held.ghost = Object.assign(document.createElement("div"), { className: "drag-ghost" });
    document.body.append(held.ghost);
    held.source.classList.add("dragging");
  }

  function follow({ clientX, clientY }) {
    const target = document.elementFromPoint(clientX, clientY)?.closest("[data-volunteer]") || null;
    if (target !== held.target) {
      held.target?.classList.remove("drop-here");
      target?.classList.add("drop-here");
    }
    held.target = target;
    held.at = target && "lane" in target.dataset ? timeAt(target, clientX - held.grip) : null;
    const where = [target?.dataset.name, held.at && clock.format(held.at)].filter(Boolean).join(" ");
    held.ghost.textContent = where ? `${held.source.dataset.title} → ${where}` : held.source.dataset.title;
    held.ghost.style.transform = `translate(${clientX + 12}px, ${clientY + 12}px)`;
  }

  board.addEventListener("pointerdown", (event) => {
    const source = event.target.closest("[data-drag], [data-bar]");
    if (!source || event.button || event.pointerType === "touch" || event.target.closest("button, select, summary")) return;
    const grip = "bar" in source.dataset ? event.clientX - source.getBoundingClientRect().left : 0;
    held = { source, grip, x: event.clientX, y: event.clientY };
  });
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    if (!event.buttons) return stop();
    if (!held.ghost && Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) return;
    if (!held.ghost) begin();
    follow(event);
  });
  document.addEventListener("pointerup", () => {
    if (!held) return;
    const { source, target, at, ghost } = held;
    stop();
    if (!ghost) return;
    const quiet = (event) => { event.preventDefault(); event.stopPropagation(); };
    board.addEventListener("click", quiet, { capture: true, once: true });
    setTimeout(() => board.removeEventListener("click", quiet, { capture: true }));
    if (target) drop(source, target, at);
  });
  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && stop());
  board.addEventListener("dragstart", (event) => event.target.closest("[data-drag], [data-bar]") && event.preventDefault());
  document.addEventListener("selectstart", (event) => held && event.preventDefault());
};
