// After a failed submit the list of errors takes the focus, and its links lead into the fields.
export default (summary) => {
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (field.closest(".field") || field).scrollIntoView({ block: "start" });
  });
};
