"""The quick and steady part of `make pages`: what axe-core and our own measure of targets say of the main pages."""

import pytest

from app.demo.accounts import RESIDENT, STATION, VOLUNTEER
from tests.browser.conftest import DESK, PHONE
from tests.pages.bars import axe, targets

pytestmark = pytest.mark.browser
PAGES = {
    "a stranger": (None, PHONE, ["/", "/sign-in"]),
    "a resident": (RESIDENT, PHONE, ["/home", "/orders/new/what"]),
    "a volunteer": (VOLUNTEER, PHONE, ["/volunteer", "/volunteer/availability"]),
    "a coordinator": (STATION, DESK, ["/board", "/desk/intake"]),
}


@pytest.mark.parametrize("who", PAGES)
def test_the_main_pages_can_be_read_and_pressed_by_everybody(visit, who):
    account, window, paths = PAGES[who]
    visitor = visit(account, **window)
    least = targets.FINGER if window is PHONE else targets.MOUSE
    wrong = []
    for path in paths:
        visitor.page.goto(path)
        elder = targets.ELDER if account in (None, RESIDENT) else 0
        found = visitor.troubles + targets.too_small(visitor.page, elder, least) + axe.violations(visitor.page)
        wrong += [f"{path}: {what}" for what in found]
        visitor.troubles.clear()  # axe-core tries styles of its own, which the policy stops
    assert not wrong, "\n".join(wrong)
