// Reads a sentence to people with a screen reader: one at a time, never more than one in five seconds.
const GAP = 5000;
let waiting = null;
let last = 0;

function speak() {
  const place = document.querySelector("[data-say]");
  if (place) place.textContent = waiting;
  waiting = null;
  last = Date.now();
}

export function say(sentence) {
  const timer = waiting !== null;
  waiting = sentence;
  if (!timer) setTimeout(speak, Math.max(50, last + GAP - Date.now()));
}
