"""Fixtures of 点单: somebody with a browser at its first question."""

import pytest

from tests.ordering.visitor import Visitor


@pytest.fixture
def resident(town):
    return town.resident()


@pytest.fixture
def visitor(site, town, resident):
    return Visitor(town.browser(site, resident))
