// Loads Leaflet once, if it is there at all, and teaches its canvas to draw our marks: shape and number, not only colour.
const base = new URL("../../vendor/", import.meta.url);
const has = () => (document.documentElement.dataset.libraries || "").split(" ").includes("leaflet");
let loading = null;

const fetched = (element, attributes) =>
  new Promise((done, failed) => {
    document.head.append(Object.assign(element, attributes, { onload: done, onerror: failed }));
  });

const round = (c, x, y, r) => c.arc(x, y, r, 0, Math.PI * 2);
const SHAPES = {
  urgent: (c, x, y, r) => { c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.2, y + r * 0.9); c.lineTo(x - r * 1.2, y + r * 0.9); },
  offering: (c, x, y, r) => { c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.2, y); c.lineTo(x, y + r * 1.2); c.lineTo(x - r * 1.2, y); },
  serving: (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
};

// Each look is painted once and then stamped: two thousand stamps cost a frame a third of what as many outlines do.
const stamps = new Map();
const SHARP = window.devicePixelRatio > 1 ? 2 : 1;

function paint(radius, { shape, number, weight, color, fillColor }) {
  const half = Math.ceil(radius * 1.25 + weight);
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * half * SHARP, height: 2 * half * SHARP });
  const c = canvas.getContext("2d");
  c.scale(SHARP, SHARP);
  c.translate(half, half);
  c.beginPath();
  (SHAPES[shape] || round)(c, 0, 0, radius);
  c.closePath();
  Object.assign(c, { fillStyle: fillColor, strokeStyle: color, lineWidth: weight });
  c.fill();
  c.stroke();
  if (number === undefined) return { canvas, half };
  const font = `700 ${Math.round(radius * 1.2)}px system-ui, sans-serif`;
  Object.assign(c, { fillStyle: color, font, textAlign: "center", textBaseline: "middle" });
  c.fillText(number, 0, 1);
  return { canvas, half };
}

function draw(mark) {
  const { shape, number, weight, color, fillColor } = mark.options;
  const look = [shape, number, mark._radius, weight, color, fillColor].join();
  if (!stamps.has(look)) stamps.set(look, paint(mark._radius, mark.options));
  const { canvas, half } = stamps.get(look);
  this._ctx.drawImage(canvas, mark._point.x - half, mark._point.y - half, 2 * half, 2 * half);
}

async function load() {
  await Promise.all([
    fetched(document.createElement("link"), { rel: "stylesheet", href: new URL("../css/vendor.css", base).href }),
    fetched(document.createElement("script"), { src: new URL("leaflet.js", base).href }),
  ]);
  const { L } = window;
  L.Canvas.include({ drawMark: draw });
  L.Mark = L.CircleMarker.extend({ _updatePath() { if (this._renderer._drawing && !this._empty()) this._renderer.drawMark(this); } });
  return L;
}

export const leaflet = () => (has() ? (loading ??= load()) : Promise.resolve(null));
