"""Figures of one's subtree: the page, the lists behind its numbers, tables for a spreadsheet, the report to print."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request, url_for

from app.kernel.access import needs
from app.kernel.clock import today
from app.oversight.figures import behind, period, tables, tiles
from app.oversight.figures.measures import Span
from app.oversight.figures.sheets import csv_file
from app.oversight.figures.summary import RULES, Gathered
from app.oversight.pages.desk import page_number, pages, scope_here


def span_here() -> Span:
    """Where and when, as the address says."""
    return Span(scope_here(), period.period_of(request.args))


def _shared(span: Span) -> dict[str, Any]:
    """What every page here is drawn with; `here` is the address of the same span with something changed."""
    look: dict[str, Any] = {**span.period.parts(), "office": span.scope.office_id}

    def opens(found: dict[str, str] | None) -> str:
        if (found or {}).get("which") == tiles.PEOPLE:
            return url_for("oversight.figure_people", **{**look, "office": (found or {}).get("office", look["office"])})
        return url_for("oversight.figure_orders", **{**_without_period(look, found), **(found or {})})

    def narrowed(found: dict[str, str]) -> str:
        return url_for("oversight.office_figures", **{**_without_period(look, found), **found})

    def here(endpoint: str, **more: Any) -> str:
        return url_for(f"oversight.{endpoint}", **{**look, **more})

    return {
        "scope": span.scope, "period": span.period, "period_title": period.title(span.period),
        "choices": period.choices(), "opens": opens, "narrowed": narrowed, "here": here, "look": look,
    }  # fmt: skip


def _without_period(look: dict[str, Any], found: dict[str, str] | None) -> dict[str, Any]:
    return {name: value for name, value in look.items() if name != "period"} if "from" in (found or {}) else look


@pages.get("/desk/figures")
@needs("board.see")
def office_figures() -> str:
    return _figures_page("oversight/figures.html")


@pages.get("/desk/figures/report")
@needs("board.see")
def figure_report() -> str:
    """The same numbers on paper: every definition written out, no charts."""
    return _figures_page("oversight/report.html")


def _figures_page(template: str) -> str:
    span = span_here()
    gathered = Gathered(span)
    whole = gathered.of()
    return render_template(
        template, whole=whole, tiles=tiles.tiles(whole), tables=tables.all_tables(gathered, whole),
        shown=tables.SHOWN, today=today(), **_shared(span),
    )  # fmt: skip


@pages.get("/desk/figures/tables/<name>.csv")
@needs("board.see")
def figure_sheet(name: str) -> Response:
    """One table, or `numbers`: the big numbers with their definitions."""
    span = span_here()
    gathered = Gathered(span)
    if name == "numbers":
        return csv_file(_file("numbers", span), tiles.tile_sheet(gathered.of()))
    table = tables.one_table(name, gathered)
    if table is None:
        abort(404)
    return csv_file(_file(name, span), tables.sheet(table))


def _file(name: str, span: Span) -> str:
    return f"{name}-{span.period.first}-{span.period.last}"


@pages.get("/desk/figures/orders")
@needs("board.see")
def figure_orders() -> str:
    span, asked = span_here(), behind.asked_of(request.args)
    rows, page, pages_ = behind.orders(span, asked, page_number())
    return render_template(
        "oversight/figure_orders.html", asked=asked, title=behind.words(asked), rows=rows, page=page, pages=pages_,
        kind_words=behind.kind_words, office_words=behind.office_words, kinds=tables.kinds(), rules=RULES,
        **_shared(span),
    )  # fmt: skip


@pages.get("/desk/figures/orders.csv")
@needs("board.see")
def figure_orders_sheet() -> Response:
    span, asked = span_here(), behind.asked_of(request.args)
    return csv_file(_file(asked.which, span), behind.order_sheet(span, asked))


@pages.get("/desk/figures/people")
@needs("board.see")
def figure_people() -> str:
    span = span_here()
    rows, page, pages_ = behind.active_people(span, page_number())
    return render_template("oversight/figure_people.html", rows=rows, page=page, pages=pages_, **_shared(span))


@pages.get("/desk/figures/people.csv")
@needs("board.see")
def figure_people_sheet() -> Response:
    span = span_here()
    return csv_file(_file("volunteers", span), behind.people_sheet(span, span.scope.exact))
