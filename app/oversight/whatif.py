"""What-if questions as the desk reads them: what was asked, how far it is, and the answer in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from app.dispatching import queries as dispatching
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.settings import setting
from app.offices import queries as offices
from app.oversight.scope import Scope
from app.oversight.volunteers import skills
from app.words import URGENCY_WORDS, duration, enumerated
from models import Office, Skill, WhatIf, db
from models.kinds import Role

USUAL_WEEKS = 4
SHOWN = 10
MODES: dict[str, Any] = {"walk": _l("步行"), "bike": _l("骑自行车"), "ebike": _l("骑电动车"), "car": _l("开车")}


@dataclass(frozen=True)
class Measure:
    """A figure of the simulator's: its words, its unit, and whether more of it is better (None: neither)."""

    name: str
    label: Any
    unit: str
    more_is_better: bool | None


SHARE, MINUTES, NUMBER, POINTS, KILOMETRES, INDEX = "share", "minutes", "number", "points", "kilometres", "index"
MEASURES = (
    Measure("fill", _l("有人来服务的名额"), SHARE, True),
    Measure("promised", _l("一小时内就有人接的名额"), SHARE, True),
    Measure("accept_p50", _l("多久有人接（一半的名额不超过）"), MINUTES, False),
    Measure("accept_p90", _l("多久有人接（十个里有九个不超过）"), MINUTES, False),
    Measure("alerts", _l("每找到一个人，发出的邀请"), NUMBER, False),
    Measure("refusals", _l("每找到一个人，被谢绝的次数"), NUMBER, False),
    Measure("km", _l("每次服务的路程（直线）"), KILOMETRES, False),
    Measure("gini_offers", _l("邀请分得匀不匀（0 最匀，1 全给了一个人）"), INDEX, False),
    Measure("gap", _l("最差的街道比全部低多少"), POINTS, False),
    Measure("idle", _l("一次也没被问到的志愿者"), SHARE, False),
    Measure("ceiling", _l("就算人人都问到，最多能找到人的名额"), SHARE, True),
)


@dataclass(frozen=True)
class Row:
    """One figure in words; the verdict is a badge."""

    label: str
    before: str
    after: str
    difference: str
    verdict: tuple[str, str]


@dataclass(frozen=True)
class Asking:
    """The form, and what has been asked in the offices looked at."""

    scope: Scope

    @cached_property
    def offices(self) -> list[Office]:
        """Whose weeks the reader may have played: the office looked at and those right below it."""
        near = [self.scope.office, *self.scope.children] if self.scope.office else self.scope.children
        return [one for one in near if one and self.scope.actor.covers(one.path, Role.COORDINATOR)]

    @cached_property
    def size(self) -> tuple[int, int]:
        """Orders of the usual weeks and volunteers of the first of the offices."""
        return dispatching.size_of(self.offices[0], USUAL_WEEKS) if self.offices else (0, 0)

    @property
    def is_too_small(self) -> bool:
        return self.size[0] < dispatching.LEAST_ORDERS

    @property
    def skills(self) -> list[tuple[str, str]]:
        return [(one.code, offices.named(one)) for one in skills()]

    @property
    def modes(self) -> list[tuple[str, Any]]:
        return list(MODES.items())

    @property
    def urgencies(self) -> list[tuple[str, Any]]:
        return list(URGENCY_WORDS.items())

    @property
    def today(self) -> str:
        """How long offers stand today."""
        held = setting(self.offices[0], "answer_minutes")
        said = [f"{words} {duration(held[urgency])}" for urgency, words in URGENCY_WORDS.items()]
        return _("现在等：%(said)s", said=enumerated(said))

    @cached_property
    def asked(self) -> list[View]:
        """The latest questions."""
        rows = select(WhatIf, Office).join(Office, Office.id == WhatIf.office_id).where(self.scope.holds())
        found = db.session.execute(rows.order_by(WhatIf.asked_at.desc()).limit(SHOWN))
        return [View(row[0], row[1]) for row in found]


def asking(scope: Scope) -> Asking:
    return Asking(scope)


def answer(what_if_id: str, actor: Actor) -> View:
    """A question and what came of it; NotFound where its office is not the reader's."""
    row = db.session.get(WhatIf, what_if_id, populate_existing=True)
    if row is None:
        raise NotFound()
    require(actor, "dispatch.see", row)
    return View(row, db.session.get_one(Office, row.office_id))


@dataclass(frozen=True)
class View:
    """One question."""

    row: WhatIf
    office: Office

    @property
    def is_running(self) -> bool:
        return self.row.ended_at is None and self.row.lease_until > now()

    @property
    def question(self) -> str:
        """What was asked, in words."""
        asked = self.row.question
        if asked["kind"] == "people":
            return _("多 %(people)s，%(mode)s，%(skill)s", people=_people(asked["people"]), mode=MODES[asked["mode"]],
                     skill=self._skill(asked["skill"]))  # fmt: skip
        return _("%(urgency)s单子的邀请等 %(minutes)s（当时是 %(was)s）", urgency=URGENCY_WORDS[asked["urgency"]],
                 minutes=duration(asked["minutes"]), was=duration(asked["was"]))  # fmt: skip

    def _skill(self, code: str) -> str:
        skill = db.session.scalar(select(Skill).filter_by(code=code)) if code else None
        return _("会%(skill)s", skill=offices.named(skill)) if skill else _("会的和现在的志愿者差不多")

    @property
    def why_none(self) -> str:
        """Why there is no answer."""
        said = {
            "too_long": _("在规定的时间里没有算完。请少选几周，或选一个小一点的站点。"),
            "nobody": _("这几周里没有用得上的单子：没有人要这项技能，或没有人能服务。"),
        }
        return said.get(self.row.error, _("算的程序中途停了，请再试一次。"))

    @property
    def found(self) -> dict[str, Any]:
        return self.row.answer or {}

    @cached_property
    def rows(self) -> list[Row]:
        """The figures that are known."""
        return [self._row(one) for one in MEASURES if self._shows(one)]

    def _shows(self, one: Measure) -> bool:
        known = all(self.found[part].get(one.name) for part in ("before", "after", "difference"))
        return known and not (one.unit == POINTS and not self.found["before"][one.name][0])

    def _row(self, one: Measure) -> Row:
        before, after, change = (self.found[part][one.name] for part in ("before", "after", "difference"))
        unit = POINTS if one.unit == SHARE else one.unit
        return Row(str(one.label), _said(one.unit, before), _said(one.unit, after), _said(unit, change, "+"),
                   self._verdict(one, change))  # fmt: skip

    def _verdict(self, one: Measure, change: list[float]) -> tuple[str, str]:
        mean, half = change
        if mean == half == 0:
            return _("没有变化"), "calm"
        if abs(mean) <= half:
            return _("可能只是偶然"), "wait"
        return (_("变好"), "good") if (mean > 0) == one.more_is_better else (_("变差"), "bad")

    @property
    def headline(self) -> tuple[str, str]:
        """The answer in one sentence about the places filled, and its tone."""
        mean, half = self.found["difference"]["fill"]
        low, high = (f"{100 * bound:+.1f}" for bound in (mean - half, mean + half))
        if abs(mean) <= half:
            return _("看不出有人来服务的名额会多还是少：差别在 %(low)s 到 %(high)s 个百分点之间，可能只是偶然。",
                     low=low, high=high), "wait"  # fmt: skip
        points = f"{100 * abs(mean):.1f}"
        if mean > 0:
            return _("有人来服务的名额大约会多 %(n)s 个百分点（在 %(low)s 到 %(high)s 之间）。",
                     n=points, low=low, high=high), "good"  # fmt: skip
        return _("有人来服务的名额大约会少 %(n)s 个百分点（在 %(low)s 到 %(high)s 之间）。",
                 n=points, low=low, high=high), "bad"  # fmt: skip

    @property
    def share_words(self) -> str:
        """Around which share of yes the lots were drawn."""
        percent = round(100 * self.found["share"])
        if self.found["is_learnt"]:
            return _("这个城市学到的答应的比例（%(n)s%%）", n=percent)
        return _("估计的答应的比例（%(n)s%%，还没有学到真实的）", n=percent)

    @property
    def played_words(self) -> str:
        """What was played, and how often."""
        orders = ngettext("%(num)s 张单子", "%(num)s 张单子", self.found["orders"])
        people = ngettext("%(num)s 位志愿者", "%(num)s 位志愿者", self.found["people"])
        return _("用最近 %(weeks)s 周的 %(orders)s、现在的 %(people)s，各模拟了 %(seeds)s 遍。",
                 weeks=self.row.question["weeks"], orders=orders, people=people, seeds=self.found["seeds"])  # fmt: skip


def _people(number: int) -> str:
    return ngettext("%(num)s 位志愿者", "%(num)s 位志愿者", number)


def _said(unit: str, figure: list[float], sign: str = "") -> str:
    """A mean with half its interval, in its unit."""
    mean, half = figure
    times, digits = {SHARE: (100, 1), POINTS: (100, 1), MINUTES: (1, 0), INDEX: (1, 2), KILOMETRES: (1, 2)}.get(
        unit, (1, 1)
    )
    rounded = round(times * mean, digits) + 0.0  # no "-0.00"
    words = f"{rounded:{sign}.{digits}f} ± {times * half:.{digits}f}".replace("-", "−")
    return {
        SHARE: f"{words} %", POINTS: _("%(n)s 个百分点", n=words), MINUTES: _("%(n)s 分钟", n=words),
        KILOMETRES: _("%(n)s 公里", n=words),
    }.get(unit, words)  # fmt: skip
