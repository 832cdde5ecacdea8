// Loads Leaflet once, if it is there at all, and teaches its canvas to draw our marks: shape and number, not only colour.
const base = new URL("../../vendor/", import.meta.url);
const has = () => (document.documentElement.dataset.libraries || "").split(" ").includes("leaflet");
let loading = null;

const fetched = (element, attributes) =>
  new Promise((done, failed) => {
    document.head.append(Object.assign(element, attributes, { onload: done, onerror: failed }));
  });

const SHAPES = {
  urgent: (c, x, y, r) => { c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.2, y + r * 0.9); c.lineTo(x - r * 1.2, y + r * 0.9); },
  offering: (c, x, y, r) => { c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.2, y); c.lineTo(x, y + r * 1.2); c.lineTo(x - r * 1.2, y); },
  serving: (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
};

function draw(mark) {
  const { x, y } = mark._point;
  const context = this._ctx;
  const round = (c) => c.arc(x, y, mark._radius, 0, Math.PI * 2);
  context.beginPath();
  (SHAPES[mark.options.shape] || round)(context, x, y, mark._radius);
  context.closePath();
  this._fillStroke(context, mark);
  if (mark.options.number === undefined) return;
  context.fillStyle = mark.options.color;
  context.font = `700 ${Math.round(mark._radius * 1.2)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(mark.options.number, x, y + 1);
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
