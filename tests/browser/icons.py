"""`python -m tests.browser.icons`: draws the PNG icons of the installed page from static/img/logo.svg, and says so."""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

from app.config import ROOT
from tests.browser.conftest import chromium

IMAGES = ROOT / "static" / "img"
GROUND = "#0c6759"
ICONS = {
    "icon-192": (192, 1.0, "transparent"),
    "icon-512": (512, 1.0, "transparent"),
    "maskable-512": (512, 0.8, GROUND),
}
"""Name → pixels, how much of the square the picture fills (a mask may cut off the rest), and what lies around it."""
PAGE = (
    "<style>*{{margin:0}}body{{background:{ground};display:grid;place-items:center;height:100vh}}"
    "svg{{width:{part}vw}}</style>{svg}"
)


def main() -> None:
    svg = (IMAGES / "logo.svg").read_text("utf-8")
    program = chromium() or sys.exit("Chromium is needed: install it, or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, (pixels, part, ground) in ICONS.items():
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            page.set_content(PAGE.format(ground=ground, part=100 * part, svg=svg))
            page.screenshot(path=IMAGES / f"{name}.png", omit_background=True)
            print(f"static/img/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
