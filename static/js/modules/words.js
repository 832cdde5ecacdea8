// The sentences the browser says by itself; the server writes them into the page in the reader's language.
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

export const word = (key, values = {}) =>
  (words[key] || "").replace(/\{(\w)\}/g, (_, name) => values[name] ?? "");
