// How many characters a text may still have; appears when three quarters are used, so as not to hurry anybody.
import { word } from "./words.js";

export default (area) => {
  const max = Number(area.dataset.max);
  const note = document.createElement("p");
  note.className = "counter";
  area.after(note);
  const count = () => {
    const left = max - [...area.value].length;
    note.hidden = left > max / 4;
    note.textContent = left < 0 ? word("chars_over", { n: -left }) : word("chars", { n: left });
  };
  area.addEventListener("input", count);
  count();
};
