// District outlines and points on a plain ground, no tiles unless asked for. The list beside it holds the same things:
// its rows carry data-point, and the map follows the focus and the pointer along them.
import { word } from "./words.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const fetchJson = async (url) => (await fetch(url)).json();
const TONES = { urgent: "bad", waiting: "wait", offering: "busy", serving: "busy", volunteer: "good", me: "brand" };

function style({ kind, number }, picked) {
  const tone = TONES[kind] || "calm";
  const ring = kind === "volunteer";
  const fill = ring ? colour("surface") : tone === "brand" ? colour("brand") : colour(`${tone}-ink`);
  const radius = (ring ? 5 : number === undefined ? 7 : 10) + (picked ? 4 : 0);
  return { shape: kind, number, radius, weight: picked ? 4 : 2, fillColor: fill, fillOpacity: 1,
    color: picked ? colour("focus") : ring ? colour(`${tone}-ink`) : colour("surface") };
}

async function ground(L, map, place) {
  if (place.dataset.tiles) L.tileLayer(place.dataset.tiles, { maxZoom: 18 }).addTo(map);
  if (!place.dataset.outlines) return;
  const look = { color: colour("edge"), weight: 1.2, fillColor: colour("surface"), fillOpacity: place.dataset.tiles ? 0 : 1, interactive: false };
  const outlines = L.geoJSON(await fetchJson(place.dataset.outlines), { style: look }).addTo(map);
  outlines.eachLayer((layer) => {
    const { name, label } = layer.feature.properties;
    const at = label ? [label[1], label[0]] : layer.getBounds().getCenter();
    const text = document.createElement("span");
    text.textContent = name;
    L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "map-label", html: text, iconSize: null }) }).addTo(map);
  });
  outlines.bringToBack();
  return outlines.getBounds();
}

function popup(point) {
  const link = document.createElement(point.url ? "a" : "span");
  if (point.url) link.href = point.url;
  link.textContent = point.label;
  return link;
}

function follow(map, marks, selector) {
  let shown = null;
  const pick = ({ target, type }) => {
    if (!map.getContainer().isConnected) return stop();
    const id = target.closest?.(`${selector} [data-point]`)?.dataset.point;
    if (!id || id === shown || !marks.has(id)) return;
    if (marks.has(shown)) marks.get(shown).setStyle(style(marks.get(shown).point));
    shown = id;
    const mark = marks.get(id);
    mark.setStyle(style(mark.point, true)).setRadius(style(mark.point, true).radius).bringToFront();
    if (type === "focusin") map.panInside(mark.getLatLng(), { padding: [60, 60] });
  };
  const stop = () => {
    document.removeEventListener("focusin", pick);
    document.removeEventListener("pointerover", pick);
    map.remove();
  };
  document.addEventListener("focusin", pick);
  document.addEventListener("pointerover", pick);
}

// Its 50 KB are for those who want the map, not for who only reads the list above it on a phone.
const WIDE = matchMedia("(min-width: 62rem)");

const asked = (place) =>
  new Promise((done) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button soft", textContent: place.dataset.asked });
    button.addEventListener("click", () => {
      done();
      place.focus();
    });
    place.tabIndex = -1;
    place.replaceChildren(button);
  });

const inSight = (place) =>
  new Promise((done) => {
    const eye = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      eye.disconnect();
      done();
    });
    eye.observe(place);
  });

export default async (place) => {
  await (place.dataset.asked && !WIDE.matches ? asked(place) : inSight(place));
  delete place.dataset.asked;
  place.ariaBusy = "true";
  await draw(place).finally(() => { place.ariaBusy = null; });
};

async function draw(place) {
  const { leaflet } = await import("./leaflet.js");
  const L = await leaflet();
  if (!L) return;
  const box = document.createElement("div");
  place.replaceChildren(box);
  const map = L.map(box, { preferCanvas: true, zoomControl: false, zoomSnap: .25, keyboard: true }).setView([30.26, 120.17], 11);
  L.control.zoom({ position: "bottomright", zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution(word("map_credit"));
  const frame = await ground(L, map, place).catch(() => null);
  if (frame?.isValid()) map.fitBounds(frame);
  const layer = L.layerGroup().addTo(map);
  const marks = new Map();
  const put = (point) => {
    const id = String(point.id);
    const known = marks.get(id);
    if (!known) {
      const mark = new L.Mark([point.lat, point.lon], style(point)).bindPopup(() => popup(mark.point)).addTo(layer);
      marks.set(id, Object.assign(mark, { point }));
      return id;
    }
    const was = known.point;
    known.point = point;
    if (was.lat !== point.lat || was.lon !== point.lon) known.setLatLng([point.lat, point.lon]);
    if (was.kind !== point.kind || was.number !== point.number) known.setStyle(style(point)).setRadius(style(point).radius);
    return id;
  };
  const load = async (first) => {
    const { points } = await fetchJson(place.dataset.points);
    const kept = new Set(points.map(put));
    for (const [id, mark] of marks) {
      if (kept.has(id)) continue;
      mark.remove();
      marks.delete(id);
    }
    if (first && points.length) map.fitBounds(points.map((point) => [point.lat, point.lon]), { padding: [40, 40], maxZoom: 16.5, animate: false });
  };
  await load(true).catch(() => {}); // a line that breaks here may be back by the next refresh
  place.addEventListener("refresh", () => load(false).catch(() => {}));
  if (place.dataset.list) follow(map, marks, place.dataset.list);
}
