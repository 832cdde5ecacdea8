// The service worker. VERSION and SHELL are written above by the server (app/offline.py).
// - what pages are made of comes from the phone; pages come from the network, and from the phone only without it
// - a page is kept only where the server says so (Linli-Keep: whose, and for how many seconds), and wiped at sign-out
// - what a volunteer presses in a dead spot is kept with its time and its key, and sent once when there is a network
const FILES = `shell-${VERSION}`;
const PAGES = "pages";
const MOST_PAGES = 12;
const OLDEST = 3 * 86400000; // what is older than this is not sent any more
const PATIENCE = { send: 12000, page: 8000 };
const LATER = /^\/(tasks|offers)\/[^/]+\/(departure|check-in|check-out|help|acceptance|refusal)$/;
const WITHOUT_TIME = new Set(["acceptance", "refusal"]);
const GONE = new Set([401, 403, 404, 410]);

const timely = (promise, milliseconds) =>
  Promise.race([promise, new Promise((_, failed) => setTimeout(failed, milliseconds, new Error("late")))]);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== FILES && name !== PAGES).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && request.mode === "navigate") {
    if (pathname === "/sign-out") event.respondWith(leave(request));
    else if (pathname === "/sign-in") event.waitUntil(caches.delete(PAGES));
    else if (LATER.test(pathname)) event.respondWith(sendOrKeep(request, pathname));
  } else if (request.method === "GET") {
    if (pathname.startsWith("/static/v/")) event.respondWith(file(request));
    else if (request.mode === "navigate") event.respondWith(page(event, pathname));
  }
});

async function file(request) {
  return (await caches.match(request, { cacheName: FILES, ignoreVary: true })) || fetch(request);
}

// ---------- pages ----------

async function page(event, pathname) {
  const known = await recall(pathname);
  const coming = fetch(event.request).then(async (answer) => {
    await remember(pathname, answer);
    return answer;
  });
  event.waitUntil(coming.catch(() => {}));
  try {
    return await (known ? timely(coming, PATIENCE.page) : coming);
  } catch {
    return known || (await caches.match(SHELL[0], { cacheName: FILES })) || Response.error();
  }
}

async function remember(pathname, answer) {
  const [who, seconds] = (answer.headers.get("Linli-Keep") || "").split(" ");
  const pages = await caches.open(PAGES);
  if (answer.ok && Number(seconds) > 0) {
    const headers = new Headers(answer.headers);
    headers.set("Linli-Kept-At", Date.now());
    await pages.put(pathname, new Response(await answer.clone().text(), { status: 200, headers }));
    await write({ id: "who", who });
    await thin(pages);
  } else if (answer.ok || answer.type === "opaqueredirect" || GONE.has(answer.status)) await pages.delete(pathname);
}

async function thin(pages) {
  const held = await pages.keys();
  await Promise.all(held.slice(0, Math.max(0, held.length - MOST_PAGES)).map((one) => pages.delete(one)));
}

async function recall(pathname) {
  const pages = await caches.open(PAGES);
  const found = await pages.match(pathname);
  if (!found) return null;
  const at = Number(found.headers.get("Linli-Kept-At"));
  const [, seconds] = found.headers.get("Linli-Keep").split(" ");
  if (!(Date.now() < at + 1000 * seconds)) return pages.delete(pathname).then(() => null);
  const text = (await found.text()).replace("<body", `<body data-kept="${at}"`);
  return new Response(text, { status: 200, headers: found.headers });
}

async function leave(request) {
  await timely(send(), PATIENCE.send).catch(() => {});
  await caches.delete(PAGES);
  return fetch(request);
}

// ---------- what is sent later ----------

const opened = () =>
  new Promise((done, failed) => {
    const asked = indexedDB.open("linli", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("later", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

async function within(mode, work) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const asked = work(base.transaction("later", mode).objectStore("later"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    base.close();
  }
}

const write = (row) => within("readwrite", (list) => list.put(row));
const cross = (id) => within("readwrite", (list) => list.delete(id));

async function rows() {
  const all = await within("readonly", (list) => list.getAll());
  const { who } = all.find(({ id }) => id === "who") || {};
  return { who, list: all.filter(({ what, whose }) => what && (!whose || whose === who)).sort((a, b) => a.at - b.at) };
}

async function sendOrKeep(request, path) {
  const copy = request.clone();
  const at = Date.now();
  try {
    return await timely(fetch(request), PATIENCE.send);
  } catch {
    const fields = [...(await copy.formData())].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
    const [, , about, what] = path.split("/");
    const back = path.startsWith("/tasks/") ? `/tasks/${about}` : "/volunteer";
    const id = Object.fromEntries(fields)._key || path;
    await write({ id, path, about, what, back, fields, at, whose: (await rows()).who, state: "waiting" });
    self.registration.sync?.register("send").catch(() => {});
    return Response.redirect(back, 303);
  }
}

let sending = null;
const send = () => (sending ??= sendAll().finally(() => { sending = null; }));

async function sendAll() {
  const { who, list } = await rows();
  const sent = [];
  if (list.some(({ state }) => state !== "failed")) await attempt(who, list, sent).catch(() => {});
  await tell(sent);
}

async function attempt(who, list, sent) {
  const hello = await fetch("/volunteer/later.json", { headers: { "X-Fragment": "1" }, cache: "no-store" });
  if (hello.redirected || [401, 403].includes(hello.status)) return mark(list, "sign-in");
  if (!hello.ok) return;
  const { who: here, token } = await hello.json();
  if (who && here !== who) return;
  const skew = (Date.parse(hello.headers.get("date")) || Date.now()) - Date.now();
  const stuck = new Set(list.filter(({ state, what }) => state === "failed" && what !== "departure").map(({ about }) => about));
  for (const one of list.filter(({ state }) => state !== "failed")) {
    if (stuck.has(one.about) && one.what !== "help") continue;
    if (Date.now() - one.at > OLDEST) {
      await cross(one.id);
      continue;
    }
    const answer = await fetch(one.path, { method: "POST", body: bodyOf(one, token, skew) });
    if (answer.status === 429 || answer.status >= 500) return;
    if (answer.ok) {
      await cross(one.id);
      sent.push({ what: one.what, at: one.at });
    } else {
      await write({ ...one, state: "failed" });
      if (one.what !== "departure") stuck.add(one.about);
    }
  }
}

function bodyOf({ fields, what, at }, token, skew) {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", token);
  if (!WITHOUT_TIME.has(what)) body.set("at", new Date(at + skew).toISOString()); // by the server's clock
  return body;
}

const mark = (list, state) => Promise.all(list.filter((one) => one.state !== "failed").map((one) => write({ ...one, state })));

async function tell(sent = []) {
  const { list } = await rows();
  const told = list.map(({ id, path, what, at, back, state }) => ({ id, path, what, at, back, state }));
  for (const client of await self.clients.matchAll()) client.postMessage({ list: told, sent });
}

const ASKED = { send, list: () => tell(), cross: (id) => cross(id).then(() => tell()) };
self.addEventListener("message", (event) => {
  const { ask, id } = event.data;
  if (ask in ASKED) event.waitUntil(ASKED[ask](id));
});
self.addEventListener("sync", (event) => event.waitUntil(send()));
