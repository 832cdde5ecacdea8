"""The board and the desk: what coordinators and supervisors look at. What they do is posted elsewhere."""

from app.oversight.pages import days, desk, reasons
from app.oversight.pages.desk import pages

__all__ = ["days", "desk", "pages", "reasons"]
