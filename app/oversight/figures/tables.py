"""The tables of the figures page. Each is shown, drawn as a chart, and given out as CSV; numbers open their lists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.kernel.clock import local
from app.offices.queries import in_english, named
from app.oversight.figures import measures
from app.oversight.figures.measures import Share
from app.oversight.figures.spread import FEW
from app.oversight.figures.sqltime import hour_of
from app.oversight.figures.summary import RULES, Figures, Gathered
from app.words import duration
from models import Office, Order, ServiceCategory, ServiceItem, db
from models.kinds import OfficeLevel

BY_WEEK = 45
"""Periods of more days than this are shown by the week."""
SHOWN = 20
"""Rows on the page; the CSV has all."""
BANDS = ((0, 0), (1, 1), (2, 3), (4, 6), (7, 10), (11, None))
"""Visits of one volunteer, from and to."""


MET, UNMET, REST, PLAIN = "good-ink", "bad-ink", "edge", "brand"
"""Colours of charts, as tokens.css names them."""


@dataclass(frozen=True)
class Cell:
    """A number as it is said, as a program reads it, and the list it opens (parts of the query string)."""

    said: str
    value: float | int | str | None
    opens: dict[str, str] | None = None


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    opens: dict[str, str] | None = None
    """What the page is narrowed to by following the label."""


@dataclass(frozen=True)
class Table:
    """`chart` is how it is drawn (bar: lying, by name; stack: standing, by time), `drawn` the columns that are, from 0,
    each with the colour it has."""

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: str = ""
    drawn: tuple[tuple[int, str], ...] = ()


def count(number: int, **opens: str) -> Cell:
    return Cell(str(number), number, opens if number and opens else None)


def percent(share: Share | None) -> Cell:
    """A share in whole percent; a dash where nothing was counted, 太少 where too few people stand behind it."""
    if share is None:
        return Cell(_("太少"), None)
    if share.value is None:
        return Cell("—", None)
    return Cell(f"{share.value * 100:.0f}%", round(share.value, 4))


def minutes(value: int | None) -> Cell:
    return Cell("—", None) if value is None else Cell(duration(value), value)


# ---------- when ----------


def by_time(gathered: Gathered) -> Table:
    """Orders by the local day (or week) on which they were placed."""
    period = gathered.span.period
    step = 1 if period.days <= BY_WEEK else 7
    found = measures.tally(gathered.span, hour_of(Order.created_at), ("all", "met", "unmet", "pending"))
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for hour, counts in found.items():
        day = local(datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)).date()
        sums[period.first + (day - period.first) // timedelta(days=step) * timedelta(days=step)].update(counts)
    rows = []
    for past in range(0, period.days, step):
        first = period.first + timedelta(days=past)
        last = min(first + timedelta(days=step - 1), period.last)
        span = {"from": first.isoformat(), "until": last.isoformat()}
        counts = sums[first]
        numbers = tuple(count(counts[name], which=name, **span) for name in ("met", "unmet", "pending", "all"))
        rows.append(Row(_days(first, last), numbers))
    head = (_("哪天点的") if step == 1 else _("哪周点的"), _("做到"), _("没做到"), _("还没结果或取消"), _("单子"))
    return Table(
        "time", _("一天天看：点了多少，做到多少"), head, tuple(rows), "stack", ((0, MET), (1, UNMET), (2, REST))
    )


def _days(first: date, last: date) -> str:
    return f"{first:%m-%d}" if first == last else f"{first:%m-%d}–{last:%m-%d}"


# ---------- where ----------


def by_office(gathered: Gathered) -> Table:
    """The offices right below what is looked at."""
    rows = [_office_row(office, of) for office, of in gathered.below(gathered.span.scope.children)]
    head = (
        _("站点"), _("单子"), _("做到"), _("没做到"), _("满足"), _("接单中位"), _("九成内"), _("准时"), _("这次不行"),
        _("没答复"), _("有评价"), _("满意"), _("评价的人"), _("志愿者"),
    )  # fmt: skip
    return Table("offices", _("下面各站点"), head, tuple(rows), "bar", ((1, MET), (2, UNMET)))


def _office_row(office: Office, of: Figures) -> Row:
    here = {"office": office.id}
    cells = (
        count(of.orders, which="all", **here), count(of.met.part, which="met", **here),
        count(of.met.whole - of.met.part, which="unmet", **here), percent(of.met), minutes(of.accept_median),
        minutes(of.accept_p90), percent(of.on_time), percent(of.refused), percent(of.lapsed), percent(of.rated),
        percent(of.satisfied if of.raters else Share(0, 0)), count(of.raters, which="rated", **here),
        count(of.active.part, which="people", **here),
    )  # fmt: skip
    return Row(named(office), cells, here)


def by_street(gathered: Gathered) -> Table | None:
    """Unmet need by street, the most unmet first; None where the table of offices already says it."""
    scope = gathered.span.scope
    if all(child.level in (OfficeLevel.STREET, OfficeLevel.COMMUNITY) for child in scope.children):
        return None
    streets = db.session.scalars(select(Office).where(Office.level == OfficeLevel.STREET, scope.holds())).all()
    found = [(street, measures.met_need(gathered.counts(street.path))) for street in streets]
    found = [(street, share) for street, share in found if share.whole > share.part]
    found.sort(key=lambda one: (one[1].part - one[1].whole, one[0].path))
    rows = tuple(
        Row(named(street),
            (count(share.whole - share.part, which="unmet", office=street.id), percent(share)), {"office": street.id})
        for street, share in found
    )  # fmt: skip
    return Table("streets", _("没做到的，按街道"), (_("街道"), _("没做到"), _("满足")), rows, "bar", ((0, UNMET),))


# ---------- who is asked ----------


def by_asking(gathered: Gathered) -> Table:
    """How the asking went in each street: what fell on its volunteers, and what came of its orders, the least filled
    first. Below the streets, the office looked at. Of volunteers too few to be told of nothing is told."""
    scope = gathered.span.scope
    streets = db.session.scalars(select(Office).where(Office.level == OfficeLevel.STREET, scope.holds())).all()
    looked_at = streets or ([scope.office] if scope.office else scope.children)
    found = [(office, gathered.of(office.path)) for office in looked_at]
    found = [(office, of) for office, of in found if of.orders or of.ready]
    found.sort(key=lambda one: (1.0 if one[1].filled.value is None else one[1].filled.value, one[0].path))
    head = (
        _("街道"), _("能接单的人"), _("每人收到邀请"), _("邀请的基尼系数"), _("每人接下"), _("接单的基尼系数"),
        _("有人接"), _("接单中位"), _("九成内"),
    )  # fmt: skip
    rows = tuple(_asking_row(office, of) for office, of in found)
    return Table("asking", _("邀请匀不匀，多快有人接，按街道"), head, rows)


def _asking_row(office: Office, of: Figures) -> Row:
    cells = (
        count(len(of.ready)), _each(of, of.offers_each, 1), _each(of, of.gini_of_offers, 2),
        _each(of, of.accepts_each, 1), _each(of, of.gini_of_accepts, 2), percent(of.filled),
        minutes(of.accept_median), minutes(of.accept_p90),
    )  # fmt: skip
    return Row(named(office), cells, {"office": office.id})


def _each(of: Figures, value: float | None, places: int) -> Cell:
    """A number about the volunteers of an office: 太少 where they are too few, a dash where nothing came to anybody."""
    if value is None:
        return Cell("—" if len(of.ready) >= FEW else _("太少"), None)
    return Cell(f"{value:.{places}f}", round(value, 4))


# ---------- what and why ----------


def by_kind(gathered: Gathered) -> Table:
    """Orders by the category of the menu; what was asked for in free words stands by itself."""
    joins = ((ServiceItem, Order.item_id == ServiceItem.id),
             (ServiceCategory, ServiceItem.category_id == ServiceCategory.id))  # fmt: skip
    found = measures.tally(
        gathered.span, func.coalesce(ServiceCategory.code, FREE), ("all", "met", "unmet"), kinds=joins
    )
    words = kinds()
    rows = []
    for code, counts in sorted(found.items(), key=lambda one: (-one[1]["unmet"], -one[1]["all"], one[0])):
        cells = (count(counts["unmet"], which="unmet", kind=code), count(counts["met"], which="met", kind=code),
                 count(counts["all"], which="all", kind=code), percent(measures.met_need(counts)))  # fmt: skip
        rows.append(Row(str(words.get(code, code)), cells))
    head = (_("服务种类"), _("没做到"), _("做到"), _("单子"), _("满足"))
    return Table("kinds", _("没做到的，按服务种类"), head, tuple(rows), "bar", ((0, UNMET), (1, MET)))


FREE = "-"
"""The category of an order that nobody has classified."""


def kinds() -> dict[str, str]:
    """The categories of the menu in the reader's language, by code."""
    rows = db.session.scalars(select(ServiceCategory).order_by(ServiceCategory.position))
    named_rows = {row.code: row.name_en if in_english() and row.name_en else row.name for row in rows}
    return {**named_rows, FREE: _("自己写的（还没归类）")}


def by_reason(whole: Figures) -> Table:
    """Why nobody was found: each unfilled order counts once, by its weightiest rule."""
    rows = tuple(
        Row(str(RULES.get(code, code)), (count(number, which="unfilled", reason=code or FREE),))
        for code, number in whole.reasons
    )
    return Table(
        "reasons", _("没有人接的单子，主要因为什么"), (_("原因"), _("单子")), rows, "bar", ((0, UNMET),)
    )  # fmt: skip


def by_work(whole: Figures) -> Table:
    """How many volunteers made how many visits, got how many offers and said how many yes: the spread, not persons."""
    ready, rows = whole.ready, []
    spreads = [[one.visits for one in ready], [one.asked for one in ready], [one.accepted for one in ready]]
    for least, most in BANDS:
        numbers = [
            sum(1 for number in spread if number >= least and (most is None or number <= most)) for spread in spreads
        ]
        words = _("%(n)s–%(m)s 次", n=least, m=most) if most else _("%(n)s 次以上", n=least)
        words = _("%(n)s 次", n=least) if most == least else words
        rows.append(Row(words, tuple(count(number) for number in numbers)))
    head = (_("这段时间几次"), _("上门的志愿者"), _("收到邀请的"), _("接下的"))
    return Table("work", _("活儿分得匀不匀：上门次数与人数"), head, tuple(rows), "bar", ((0, PLAIN),))


def all_tables(gathered: Gathered, whole: Figures) -> dict[str, Table]:
    """Every table there is, by name, in the order of the page."""
    made: list[Callable[[], Table | None]] = [
        lambda: by_time(gathered), lambda: by_kind(gathered), lambda: by_reason(whole),
        lambda: by_street(gathered), lambda: by_work(whole), lambda: by_asking(gathered), lambda: by_office(gathered),
    ]  # fmt: skip
    return {table.name: table for make in made if (table := make()) is not None}


def one_table(name: str, gathered: Gathered) -> Table | None:
    """The table of that name, for its CSV."""
    return all_tables(gathered, gathered.of()).get(name)


def sheet(table: Table) -> list[list[Any]]:
    """A table as rows for a program: the head, then labels and values."""
    return [list(table.head)] + [[row.label, *(cell.value for cell in row.cells)] for row in table.rows]
