// Narrows a list as one types; rows are found by data-search or else by their words. Survives live refreshes.
import { say } from "./say.js";
import { word } from "./words.js";

export default (box) => {
  const apply = (aloud) => {
    const wanted = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of document.querySelector(box.dataset.filter)?.children || []) {
      const text = (row.dataset.search || row.textContent).toLowerCase();
      row.hidden = !wanted.every((part) => text.includes(part));
      found += row.hidden ? 0 : 1;
    }
    if (aloud && wanted.length) say(word("found", { n: found }));
  };
  box.addEventListener("input", () => apply(true));
  box.form?.addEventListener("submit", (event) => event.preventDefault());
  return () => apply(false);
};
