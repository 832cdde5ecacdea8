// The form that says "I have arrived" asks the phone once where it is, and then goes. Where the answer is no, or unknown,
// or late, it goes without: the place helps to prove the visit and never stands in its way.
import { say } from "./say.js";

const FIX = 5000; // the longest wait for a position
const ANSWER = 15000; // while the browser asks for permission, its own limit does not run

function position() {
  return new Promise((found) => {
    const none = () => found(null);
    if (!navigator.geolocation) return none();
    setTimeout(none, ANSWER);
    const how = { enableHighAccuracy: true, timeout: FIX, maximumAge: 0 };
    try {
      navigator.geolocation.getCurrentPosition(({ coords }) => found(coords), none, how);
    } catch {
      none();
    }
  });
}

function fill({ lat, lon, accuracy }, coords) {
  lat.value = coords.latitude.toFixed(6);
  lon.value = coords.longitude.toFixed(6);
  accuracy.value = Math.round(coords.accuracy);
}

export default (form) => {
  const button = form.querySelector("button");
  const said = button.lastChild; // the words beside the picture
  const usual = said.textContent;
  let step = "waiting";

  function show(words, busy) {
    said.textContent = words;
    form.toggleAttribute("data-keep", busy); // a refresh of the page meanwhile does not take it back
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  form.addEventListener("submit", async (event) => {
    if (step === "sending") return;
    event.preventDefault();
    if (step === "locating") return;
    step = "locating";
    show(form.dataset.locate, true);
    say(form.dataset.locate);
    const coords = await position();
    if (coords) fill(form.elements, coords);
    step = "sending";
    form.requestSubmit();
  });

  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    step = "waiting";
    show(usual, false);
  });
};
