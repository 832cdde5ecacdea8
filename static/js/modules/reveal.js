// <div data-reveal="day=other other2"> is shown while the field "day" holds one of the values; hidden parts send nothing.
function apply(part) {
  const [name, values] = part.dataset.reveal.split("=");
  const form = part.closest("form");
  const chosen = new FormData(form).getAll(name);
  const shown = values.split(" ").some((value) => chosen.includes(value));
  part.hidden = !shown;
  part.dataset.settled = "";
  for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !shown;
}

export default () => {
  const applyAll = () => document.querySelectorAll("[data-reveal]").forEach(apply);
  document.addEventListener("change", applyAll);
  document.addEventListener("refreshed", applyAll);
  applyAll();
};
