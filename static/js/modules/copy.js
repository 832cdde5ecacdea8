// Copies an address or a number; says so in the button and aloud.
import { say } from "./say.js";
import { word } from "./words.js";

export default (button) => {
  const label = button.querySelector("span");
  const usual = label.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // not allowed here (plain http, old webview): the text stays on the page to be copied by hand
    }
    label.textContent = word("copied");
    say(word("copied"));
    setTimeout(() => { label.textContent = usual; }, 2000);
  });
};
