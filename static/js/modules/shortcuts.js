// Keys of a page: never while somebody types or a window is open, and not at all where they were switched off in the
// window that explains them (people who speak to their computer need that).
const OFF = "linli-keys-off";
const writing = (target) => target.matches("input, textarea, select, [contenteditable]");

export default (keys) => {
  const window_ = document.getElementById("keys");
  const box = window_?.querySelector("[data-keys]");
  if (box) {
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  }
  document.addEventListener("click", ({ target }) => target.closest("[data-help]") && window_?.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (writing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "?") window_?.showModal();
    else if (localStorage.getItem(OFF) || keys(event) === false) return;
    event.preventDefault();
  });
};
