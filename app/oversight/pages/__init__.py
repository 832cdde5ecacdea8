"""The board and the desk: what coordinators and supervisors look at. What they do is posted elsewhere."""

from app.oversight.pages import (
    alarms,
    board,
    days,
    desk,
    figures,
    meanwhile,
    moving,
    proposals,
    reasons,
    screen,
    whatif,
)
from app.oversight.pages.desk import pages

__all__ = [
    "alarms",
    "board",
    "days",
    "desk",
    "figures",
    "meanwhile",
    "moving",
    "pages",
    "proposals",
    "reasons",
    "screen",
    "whatif",
]
