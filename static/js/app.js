// Brings a page to life: every element with data-module="name" gets modules/name.js, fetched only when needed.
// A module's default export takes the element and may give back a function that runs after each live refresh.
// First what is seen, then what makes it live: nothing more is fetched until the page has been painted once.
const UNSEEN = 400; // ms: a page in the background is never painted, and an old browser does not tell
const again = new Map();

async function start(element, name) {
  const { default: begin } = await import(`./modules/${name}.js`);
  const refreshed = begin(element);
  if (typeof refreshed === "function") again.set(element, [...(again.get(element) || []), refreshed]);
}

function mount(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    if (again.has(element)) continue;
    again.set(element, []);
    for (const name of element.dataset.module.split(" ")) start(element, name);
  }
}

function refresh() {
  for (const [element, tasks] of again) {
    if (!element.isConnected) again.delete(element);
    else for (const task of tasks) task();
  }
  mount(document);
}

// The menus in the header are <details>: they also close on a click elsewhere, when another opens, and on Esc.
const opened = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", ({ target }) => {
  for (const menu of opened()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of opened()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function begin() {
  import("./modules/once.js").then(({ default: once }) => once(document));
  mount(document);
  document.addEventListener("refreshed", refresh);
  const { worker } = document.documentElement.dataset;
  if (worker && "serviceWorker" in navigator) import("./modules/later.js").then(({ default: later }) => later(worker));
  if (document.querySelector("[data-live]")) import("./modules/live.js").then(({ default: live }) => live());
  if (document.querySelector("[data-reveal]")) import("./modules/reveal.js").then(({ default: reveal }) => reveal());
}

document.documentElement.dataset.js = "";
const painted = new Promise((done) => {
  setTimeout(done, UNSEEN);
  if (window.PerformanceObserver?.supportedEntryTypes?.includes("paint")) {
    new PerformanceObserver(done).observe({ type: "paint", buffered: true });
  }
});
painted.then(begin);
