"""The big numbers of the figures page: each with the lists behind it and its definition in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.oversight.figures.measures import GRACE, OLD, Share
from app.oversight.figures.spread import FEW
from app.oversight.figures.summary import Figures
from app.oversight.figures.tables import Cell, minutes, percent

PEOPLE = "people"
"""Opens the list of active volunteers."""
WORK = "work"
"""Leads to the table of how visits spread."""


@dataclass(frozen=True)
class Tile:
    """One number. `links` are words that open a list: (words, set of orders, or PEOPLE, or WORK)."""

    name: str
    label: str
    value: Cell
    links: tuple[tuple[str, str], ...]
    hint: str
    meaning: str


def tiles(of: Figures) -> list[Tile]:
    """All of them, in the order in which a supervisor asks."""
    return [
        _met(of), _wait(of), _on_time(of), _refused(of), _unfilled(of), _satisfied(of), _active(of), _fair(of), _old(of)
    ]  # fmt: skip


def _met(of: Figures) -> Tile:
    done, missed = of.met.part, of.met.whole - of.met.part
    return Tile(
        "met", _("需要得到满足"), percent(of.met),
        ((_("%(n)s 张做到", n=done), "met"), (_("%(n)s 张没做到", n=missed), "unmet")), "",
        _(
            "做过的单子 ÷ 已有结果的单子（做过的、无人接的、没人到场的、没做就办结的）。"
            "还在等的、取消的、没受理的，两边都不算。"
        ),
    )  # fmt: skip


def _wait(of: Figures) -> Tile:
    return Tile(
        "wait", _("多久有人接"), minutes(of.accept_median), ((_("%(n)s 张有人接", n=len(of.waits)), "accepted"),),
        _("一半的单子不超过这么久；十张里九张不超过 %(p90)s", p90=minutes(of.accept_p90).said),
        _("从开始派单，到最后一个名额有人接，一共等了多久：中位数，和第 90 百分位。没人接的单子不在里面。"),
    )  # fmt: skip


def _on_time(of: Figures) -> Tile:
    return Tile(
        "on_time", _("准时上门"), percent(of.on_time),
        ((_("%(n)s 张准时", n=of.on_time.part), "on_time"),
         (_("%(n)s 张没准时", n=of.on_time.whole - of.on_time.part), "late")), "",
        _("每一次上门都在约定时间后 %(n)s 分钟内开始的单子 ÷ 上过门或爽约的单子。没来的不算准时。", n=GRACE),
    )  # fmt: skip


def _refused(of: Figures) -> Tile:
    return Tile(
        "refused", _("说“这次不行”"), percent(of.refused),
        ((_("%(n)s 张单子上有人说过", n=of.counts["refused"]), "refused"),),
        _("%(no)s 次，共 %(all)s 次答复；到时间没答复的占 %(share)s", no=of.refused.part, all=of.refused.whole,
          share=percent(of.lapsed).said),
        _("说不行的邀请 ÷ 有答复的邀请。到时间没答复的不算在里面，旁边另说它占全部邀请的多少。"),
    )  # fmt: skip


def _unfilled(of: Figures) -> Tile:
    return Tile(
        "unfilled", _("没有人接"), percent(of.unfilled), ((_("%(n)s 张", n=of.unfilled.part), "unfilled"),),
        _("共 %(n)s 张已有结果；原因在下面", n=of.unfilled.whole),
        _("没找到人的单子 ÷ 已有结果的单子。每张单子只记一个原因：让最多人接不了的那一条。"),
    )  # fmt: skip


def _satisfied(of: Figures) -> Tile:
    return Tile(
        "satisfied", _("满意"), percent(of.satisfied if of.raters else Share(0, 0)),
        ((_("%(n)s 张有评价", n=of.rated.part), "rated"),),
        _("%(n)s 人评价；做完的单子里 %(share)s 有评价", n=of.raters, share=percent(of.rated).said),
        _(
            "评了“满意”的单子 ÷ 有评价的单子；一张单子有几个评价，取最低的。"
            "不到 %(n)s 个人评价时不显示，免得当真，也免得猜出是谁。", n=FEW,
        ),
    )  # fmt: skip


def _active(of: Figures) -> Tile:
    return Tile(
        "active", _("上过门的志愿者"), Cell(str(of.active.part), of.active.part),
        ((_("看是哪些人"), PEOPLE),) if of.active.part else (),
        _("共 %(n)s 人能接单；%(share)s 收到过邀请", n=len(of.ready), share=percent(of.asked).said),
        _("这段时间里至少开始过一次服务的本地志愿者。能接单：核实过、没有暂停。"),
    )  # fmt: skip


def _fair(of: Figures) -> Tile:
    tenth = of.tenth_of_visits
    few = len(of.ready) < FEW
    said = _("太少") if few else "—" if tenth is None else f"{tenth * 100:.0f}%"
    return Tile(
        "fair", _("最忙的一成人做了多少"), Cell(said, tenth), ((_("看次数与人数"), WORK),),
        _("基尼系数：邀请 %(offers)s，接单 %(yes)s，时长 %(hours)s（0 最匀，1 最不匀）",
          offers=_coefficient(of.gini_of_offers), yes=_coefficient(of.gini_of_accepts),
          hours=_coefficient(of.gini_of_minutes)),
        _(
            "能接单的人里，上门最多的十分之一做了全部上门次数的多少；人人一样时是十分之一。"
            "基尼系数看邀请（按发出的日子）、接单和服务时长在这些人中间匀不匀。不到 %(n)s 人不显示。", n=FEW,
        ),
    )  # fmt: skip


def _coefficient(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _old(of: Figures) -> Tile:
    return Tile(
        "old", _("%(n)s 岁以上的需要得到满足", n=OLD), percent(of.old), (),
        _("所有人：%(share)s", share=percent(of.met).said),
        _(
            "同“需要得到满足”，只算知道出生年份、满 %(age)s 岁的人的单子。"
            "不到 %(n)s 张不显示；按年龄不开名单。", age=OLD, n=FEW,
        ),
    )  # fmt: skip


def tile_sheet(of: Figures) -> list[list[str | float | None]]:
    """The big numbers as rows for a spreadsheet, with what they mean."""
    rows: list[list[str | float | None]] = [[_("数字"), _("是多少"), _("数值"), _("怎么算的"), _("说明")]]
    for one in tiles(of):
        more = "；".join([one.hint, *(words for words, _set in one.links)] if one.hint else [w for w, _s in one.links])
        value = one.value.value if not isinstance(one.value.value, str) else None
        rows.append([one.label, one.value.said, value, one.meaning, more])
    return rows
