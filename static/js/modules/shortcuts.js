// The board by keyboard: J and K walk the rows, Enter opens (the row's link has the focus), / searches, ? explains.
const writing = (target) => target.matches("input, textarea, select, [contenteditable]");

export default (board) => {
  const rows = () => [...document.querySelectorAll(`${board.dataset.list} [data-row]:not([hidden])`)];
  const here = () => rows().findIndex((row) => row.contains(document.activeElement));
  const walk = (by) => {
    const all = rows();
    const row = all[Math.min(all.length - 1, Math.max(0, here() + by))];
    row?.querySelector("a, button")?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    "/": () => board.querySelector("input[type=search]")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (writing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
};
