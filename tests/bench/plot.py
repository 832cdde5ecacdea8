"""The plot of growth: seconds and memory against size, both axes by logarithms, as a small SVG written by hand.

By hand, because a plotting library adds 30 MB to install and makes the picture seven times as heavy.
"""

from collections.abc import Iterator
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from tests.bench.reporter import RESULTS

DOCS = Path(__file__).parents[2] / "docs" / "img"
MODES = {
    "instant": "orders, ten volunteers each",
    "day plan": "orders, as many volunteers",
    "urgent order": "volunteers",
}
ROWS = {"seconds": "processor seconds", "memory_mb": "memory, MB"}
COLOURS = ("#0b6e4f", "#b3541e", "#7a5ea8")  # ours, then the peers
PANEL_W, PANEL_H, LEFT, TOP, GAP_X, GAP_Y, BOTTOM = 236, 170, 66, 34, 66, 44, 46
WIDTH = LEFT + len(MODES) * (PANEL_W + GAP_X) - GAP_X + 16
HEIGHT = TOP + len(ROWS) * (PANEL_H + GAP_Y) - GAP_Y + BOTTOM

Points = list[tuple[float, float]]
Span = tuple[float, float]


def draw(series: dict[str, list[dict[str, Any]]], quick: bool) -> str:
    """Write the picture, a column for each mode; answers its file name."""
    path = RESULTS / "quick.svg" if quick else DOCS / "engine-growth.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*_head(), *_panels(series), "</svg>", ""]), encoding="utf-8")
    return path.name


def _head() -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    yield "<title>Time and memory of each mode against size, beside its peers</title>"
    yield "<style>text{font:11px sans-serif;fill:#333}.m{text-anchor:middle}.e{text-anchor:end}.h{font-weight:bold}"
    yield ".g{stroke:#ddd}.f{fill:none;stroke:#888}.l{fill:none;stroke-width:2;stroke-linejoin:round}"
    yield "".join(f".c{k}{{stroke:{one}}}.d{k}{{fill:{one}}}" for k, one in enumerate(COLOURS)) + "</style>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'


def _panels(series: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for column, (mode, what) in enumerate(MODES.items()):
        left = LEFT + column * (PANEL_W + GAP_X)
        yield _text(left + PANEL_W / 2, TOP - 12, mode, "m h")
        yield _text(left + PANEL_W / 2, HEIGHT - 10, what, "m")
        for row, (key, unit) in enumerate(ROWS.items()):
            top = TOP + row * (PANEL_H + GAP_Y)
            if column == 0:
                yield f'<text class="m" transform="translate(14 {top + PANEL_H / 2:g}) rotate(-90)">{unit}</text>'
            yield from _panel(left, top, _lines(series, mode, key))


def _lines(series: dict[str, list[dict[str, Any]]], mode: str, key: str) -> dict[str, Points]:
    """The mode's series by what the legend calls them, ours first."""
    mine = {name: points for name, points in series.items() if name.partition(", ")[0] == mode}
    return {
        name.partition(", ")[2] or "ours": [(point["size"], point[key]) for point in points if point.get(key)]
        for name, points in mine.items()
    }


def _panel(left: float, top: float, lines: dict[str, Points]) -> Iterator[str]:
    everything = [point for points in lines.values() for point in points]
    if not everything:
        return
    wide, high = (_span([point[axis] for point in everything]) for axis in (0, 1))
    for power in range(ceil(wide[0]), floor(wide[1]) + 1):
        x = left + PANEL_W * _share(10.0**power, wide)
        yield f'<path class="g" d="M{x:.1f} {top}v{PANEL_H}"/>'
        yield _text(x, top + PANEL_H + 14, f"{10.0**power:,.12g}", "m")
    for power in range(ceil(high[0]), floor(high[1]) + 1):
        y = top + PANEL_H * (1 - _share(10.0**power, high))
        yield f'<path class="g" d="M{left} {y:.1f}h{PANEL_W}"/>'
        yield _text(left - 5, y + 4, f"{10.0**power:,.12g}", "e")
    yield f'<rect class="f" x="{left}" y="{top}" width="{PANEL_W}" height="{PANEL_H}"/>'
    for k, (name, points) in enumerate(lines.items()):
        spots = [(left + PANEL_W * _share(x, wide), top + PANEL_H * (1 - _share(y, high))) for x, y in points]
        yield f'<path class="l c{k}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in spots)}"/>' if spots else ""
        yield "".join(f'<circle class="d{k}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots)
        yield f'<path class="l c{k}" d="M{left + 8} {top + 14 + 15 * k}h18"/>'
        yield _text(left + 31, top + 18 + 15 * k, name, "")


def _span(values: list[float]) -> Span:
    """Powers of ten from a little below the least to a little above the most, at least one in between."""
    low, high = log10(min(values)) - 0.15, log10(max(values)) + 0.15
    if floor(high) < ceil(low):
        low, high = min(low, floor(high) - 0.02), high
    return low, high


def _share(value: float, span: Span) -> float:
    return (log10(value) - span[0]) / (span[1] - span[0])


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{words}</text>'
