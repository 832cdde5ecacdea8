"""Main pages at the widths people have, and with letters twice as large: nothing scrolls sideways."""

import pytest

from app.demo.accounts import RESIDENT, STATION, VOLUNTEER

pytestmark = pytest.mark.browser
PAGES = {
    None: ["/", "/about", "/sign-in", "/sign-up", "/docs/api"],
    RESIDENT: [
        "/home", "/orders", "/orders?show=past", "/orders/new/who", "/orders/new/what",
        "/orders/new/what?category=relief", "/me", "/me/addresses", "/me/notices",
    ],
    VOLUNTEER: ["/volunteer", "/volunteer/open", "/volunteer/availability", "/volunteer/profile", "/volunteer/record"],
    STATION: [
        "/board", "/desk/intake", "/desk/review", "/desk/people", "/desk/follow-ups", "/desk/hours", "/desk/runs",
        "/desk/figures",
    ],
}  # fmt: skip
WINDOWS = {
    "a phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "a small phone": {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True},
    "a desk": {"viewport": {"width": 1440, "height": 900}},
    "twice the text on a phone": {"viewport": {"width": 390, "height": 844}},
    "twice the text on a desk": {"viewport": {"width": 1440, "height": 900}},
}
OVERFLOW = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > most + 1);
  const named = wide.slice(0, 3).map((e) => `<${e.localName} ${e.className}>`);
  return `${document.documentElement.scrollWidth} > ${most}: ${named}`;
}"""


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("who", PAGES, ids=lambda who: who.role if who else "stranger")
def test_no_page_scrolls_sideways(visit, who, window):
    visitor = visit(who, **WINDOWS[window])
    found = []
    for path in PAGES[who]:
        visitor.page.goto(path)
        if "twice" in window:
            _enlarge(visitor.page)
        if wide := visitor.page.evaluate(OVERFLOW):
            found.append(f"{path}: {wide}")
    assert not found, "\n".join(found)
    assert visitor.troubles == []


def _enlarge(page):
    """As somebody does who has set the browser's text to 200 %: everything in rem grows."""
    page.evaluate(
        "document.documentElement.style.setProperty('font-size', "
        "2 * parseFloat(getComputedStyle(document.documentElement).fontSize) + 'px')"
    )
