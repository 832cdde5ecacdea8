// Reads the page aloud for those who'd rather listen; the button stays hidden where the phone has no voice.
export default (button) => {
  if (!("speechSynthesis" in window)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const part = document.querySelector(button.dataset.part || "main");
    const speech = new SpeechSynthesisUtterance(part.innerText);
    speech.lang = document.documentElement.lang;
    speech.rate = 0.9;
    speechSynthesis.speak(speech);
  });
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
};
