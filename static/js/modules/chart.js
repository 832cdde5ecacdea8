// Draws a table as a chart, after the text is there. What is drawn is read from the table itself, so the two cannot
// differ; the table stays on the page, and is all there is without this file or the library.
const base = new URL("../../vendor/", import.meta.url);
const has = () => (document.documentElement.dataset.libraries || "").split(" ").includes("charts");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const STRIPES = { "bad-ink": Math.PI / 4, edge: 0 };
let loading = null;

const library = () =>
  (loading ??= new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: new URL("echarts.js", base).href, onerror: failed });
    script.onload = () => done(window.echarts);
    document.head.append(script);
  }));

function read(table, drawn) {
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length > 1);
  const values = (column) => rows.map((row) => Number(row.cells[column + 1].dataset.value || 0));
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    series: drawn.map(([column, hue]) => ({ name: heads[column], hue, data: values(Number(column)) })),
  };
}

// One of several series is told apart by its stripes, too, not only by its colour.
const decal = (hue, several) =>
  several && hue in STRIPES
    ? { symbol: "rect", color: colour("surface"), dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: STRIPES[hue], symbolSize: 1 }
    : { symbol: "none" };

function options(kind, { labels, series }, caption) {
  const lying = kind === "bar";
  const several = series.length > 1;
  const text = { color: colour("ink-soft"), fontFamily: colour("font"), fontSize: 13 };
  const names = { type: "category", data: labels, inverse: lying, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("edge") } },
    axisLabel: { ...text, ...(lying ? { width: 150, overflow: "truncate" } : {}) } };
  const numbers = { type: "value", minInterval: 1, axisLabel: { ...text, hideOverlap: true }, splitLine: { lineStyle: { color: colour("line") } } };
  return {
    animation: false,
    aria: { enabled: true, label: { description: caption } },
    grid: { left: 4, right: 44, top: 8, bottom: 4, containLabel: true },
    xAxis: lying ? numbers : names,
    yAxis: lying ? names : numbers,
    series: series.map(({ name, hue, data }) => ({
      name, data, type: "bar", stack: several ? "all" : undefined, barMaxWidth: 24, silent: true,
      itemStyle: { color: colour(hue), decal: decal(hue, several) },
      label: lying && !several ? { show: true, position: "right", ...text, color: colour("ink") } : { show: false },
    })),
  };
}

function key(place, series) {
  const list = document.createElement("ul");
  list.className = "chart-key";
  list.setAttribute("aria-hidden", "true");
  for (const { name, hue } of series) {
    const one = document.createElement("li");
    const mark = document.createElement("i");
    mark.dataset.hue = hue;
    one.append(mark, name);
    list.append(one);
  }
  place.before(list);
}

export default async (place) => {
  const table = document.getElementById(place.dataset.table);
  const found = read(table, place.dataset.drawn.trim().split(" ").map((one) => one.split(":")));
  const echarts = has() && (await library().catch(() => null));
  if (!echarts) return;
  const caption = table.caption.textContent.trim();
  place.hidden = false;
  if (place.dataset.chart === "bar") place.style.height = `${found.labels.length * 2.1 + 2.5}rem`;
  if (found.series.length > 1) key(place, found.series);
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const draw = () => chart.setOption(options(place.dataset.chart, found, caption), true);
  draw();
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", caption);
  const rows = table.closest("details");
  if (!("stays" in rows.dataset)) rows.open = false;
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => chart.resize()).observe(place);
};
