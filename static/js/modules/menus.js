// The menus in the header are <details>: here they also close on Esc, on a click elsewhere, and when another opens.
const opened = (root) => [...root.querySelectorAll("details[data-menu][open]")];

export default (root) => {
  root.addEventListener("click", ({ target }) => {
    for (const menu of opened(root)) if (!menu.contains(target)) menu.open = false;
  });
  root.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of opened(root)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
};
