// Sends a form without leaving the page, then refreshes the live section it names. On errors the same form comes back
// with them; whatever else happens, the form is sent the ordinary way.
import { refresh } from "./live.js";
import { morph } from "./morph.js";
import { release } from "./once.js";
import { say } from "./say.js";
import { word } from "./words.js";

async function send(form, submitter) {
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const answer = await fetch(form.action, { method: "POST", body });
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return location.assign(answer.url);
  if (answer.ok) return clean(form);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = form.id && page.getElementById(form.id);
  if (answer.status !== 422 || !fresh) throw new Error(String(answer.status));
  form.querySelectorAll("input, textarea, select").forEach((field) => field.blur());
  morph(form, fresh);
  (form.querySelector("[aria-invalid]") || form).focus();
  return false;
}

function clean(form) {
  form.reset();
  form.querySelectorAll(".error").forEach((sentence) => sentence.remove());
  form.querySelectorAll(".wrong").forEach((field) => field.classList.remove("wrong"));
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  return true;
}

export default (form) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    say(word("sending"));
    try {
      const region = document.querySelector(form.dataset.refresh);
      if ((await send(form, event.submitter)) && region) {
        document.activeElement?.blur();
        refresh(region);
      }
    } catch {
      say(word("failed"));
      form.submit();
    }
    delete form.dataset.busy;
    release(form);
  });
};
