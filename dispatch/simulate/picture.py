"""Fill rate against messages, a point for each setting of each policy: an SVG by hand, as the plot of growth is."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

Points = Mapping[str, Sequence[tuple[float, float]]]

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 400, 62, 34, 180, 52
COLOURS = ("#777", "#b3541e", "#7a5ea8", "#2f6fa7", "#a07a00", "#0b6e4f", "#333")
SHAPES = ("circle", "square", "diamond", "triangle", "cross", "star", "circle")


def frontier(points: Points, title: str, across: str, up: str) -> str:
    """The picture as SVG text. `points`: name → (messages for each filled position, fill rate); the last is ours and
    drawn as a line. Shape and colour both tell who is who."""
    everything = [point for row in points.values() for point in row]
    if not everything:
        raise ValueError("there is nothing to draw")
    right = max(x for x, _ in everything) * 1.08
    low = max(0.0, min(y for _, y in everything) - 0.05)
    return "\n".join([*_head(title), *_axes(right, low, across, up), *_marks(points, right, low), "</svg>", ""])


def _head(title: str) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    yield f"<title>{escape(title)}</title>"
    yield "<style>text{font:12px sans-serif;fill:#333}.m{text-anchor:middle}.e{text-anchor:end}.h{font-weight:bold}"
    yield ".g{stroke:#ddd}.f{fill:none;stroke:#888}</style>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text class="h" x="{LEFT}" y="20">{escape(title)}</text>'


def _axes(right: float, low: float, across: str, up: str) -> Iterator[str]:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = next(one for one in (1, 2, 5, 10, 20, 50, 100, 1000) if right / one <= 9)
    for k in range(int(right / step) + 1):
        x = LEFT + width * k * step / right
        yield f'<path class="g" d="M{x:.1f} {TOP}v{height}"/>'
        yield f'<text class="m" x="{x:.1f}" y="{TOP + height + 16}">{k * step}</text>'
    for k in range(11):
        if k / 10 >= low:
            y = TOP + height * (1 - (k / 10 - low) / (1 - low))
            yield f'<path class="g" d="M{LEFT} {y:.1f}h{width}"/>'
            yield f'<text class="e" x="{LEFT - 6}" y="{y + 4:.1f}">{10 * k} %</text>'
    yield f'<rect class="f" x="{LEFT}" y="{TOP}" width="{width}" height="{height}"/>'
    yield f'<text class="m" x="{LEFT + width / 2}" y="{HEIGHT - 12}">{escape(across)}</text>'
    yield f'<text class="m" transform="translate(16 {TOP + height / 2}) rotate(-90)">{escape(up)}</text>'


def _marks(points: Points, right: float, low: float) -> Iterator[str]:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    for k, (name, row) in enumerate(points.items()):
        colour, shape = COLOURS[k % len(COLOURS)], SHAPES[k % len(SHAPES)]
        spots = [(LEFT + width * x / right, TOP + height * (1 - (y - low) / (1 - low))) for x, y in row]
        if k == len(points) - 1 and len(spots) > 1:
            line = "L".join(f"{x:.1f} {y:.1f}" for x, y in sorted(spots))
            yield f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (_mark(shape, x, y, colour) for x, y in spots)
        at = TOP + 10 + 20 * k
        yield _mark(shape, WIDTH - RIGHT + 16, at - 4, colour)
        yield f'<text x="{WIDTH - RIGHT + 28}" y="{at}">{escape(name)}</text>'


def _mark(shape: str, x: float, y: float, colour: str) -> str:
    paths = {
        "square": "m-4-4h8v8h-8z", "diamond": "m0-6l5 6l-5 6l-5-6z", "triangle": "m0-5l5 9h-10z",
        "cross": "m-5-2h3v-3h4v3h3v4h-3v3h-4v-3h-3z", "star": "m0-7l2 5h5l-4 3l2 5l-5-3l-5 3l2-5l-4-3h5z",
    }  # fmt: skip
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y:.1f}{paths[shape]}" fill="{colour}"/>'
