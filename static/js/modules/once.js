// One press, one request: the pressed button says it is busy, and a second press of the same form is dropped.
// (The server's idempotency key protects those who have no JavaScript.)
const FILE = 3000;

export default (root) => {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => event.submitter?.setAttribute("aria-disabled", "true"));
    if (form.hasAttribute("data-gives-file")) setTimeout(release, FILE, form); // no other page comes after a file
  });
  // Coming back with the browser's own button shows the page as it was left: let it be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) release(form);
  });
};

export function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}
