// Opens the browser's print window; without JavaScript its own menu does.
export default (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
};
