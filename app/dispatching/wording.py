"""The engine's reasons in the words of whoever reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

import dispatch
from models import Offer, Order, Skill, db

BANS = frozenset({"declined", "blocked", "already_offered", "own", "quiet"})
RULES = BANS | frozenset(dispatch.RULE_NAMES)
READERS = ("volunteer", "coordinator", "resident")


def skill_names(lang: str) -> dict[str, str]:
    """Shown names of skills by code."""
    rows = db.session.execute(select(Skill.code, Skill.name, Skill.name_en))
    return {row.code: (row.name_en if lang == "en" else "") or row.name for row in rows}


def offer_words(offer: Offer, reader: str = "volunteer", lang: str = "zh") -> list[str]:
    """Why this person was asked. Volunteer and resident never learn anything about other people."""
    reasons = (offer.terms or {}).get("reasons", [])
    return dispatch.words(reasons, lang, reader, names=skill_names(lang))


def unplaced_words(
    unplaced: Order | Mapping[str, Any] | None, lang: str = "zh", reader: str = "coordinator", mode: str = "instant"
) -> list[str]:
    """Why an order is still waiting, from the counts of a run of this mode; nothing while none has looked at it."""
    counted = unplaced.unplaced if isinstance(unplaced, Order) else unplaced
    return dispatch.unplaced_words(counted, lang, reader, mode=mode) if counted else []


def proof_words(plan: Mapping[str, Any]) -> list[str]:
    """How sure it is that no better plan exists, in plain words; a proven gap is never said smaller than it is."""
    certificate, gap = plan.get("certificate"), plan.get("gap")
    if certificate == "optimal":
        found = [_("已证明：按现在的规则，没有更好的安排。")]
    elif certificate == "bounded" and gap is not None:
        found = [_("已证明：离最好的安排最多差 %(percent)s %%。", percent=f"{math.ceil(gap * 1000 - 1e-9) / 10:g}")]
    else:
        found = [_("这次没有证明离最好的安排还差多少。")]
    if (plan.get("stats") or {}).get("stopped_by") == "time":
        found.append(_("到了时间上限就停了，再排一次也许会更好一点。"))
    if plan.get("degraded"):
        found.append(_("这次退到了简单算法。"))
    return found


def set_aside_words(rules: list[str], lang: str = "zh") -> list[str]:
    """The rules that a coordinator set aside, as they were told of them."""
    found = []
    for rule in rules:
        if rule == "asked_elsewhere":
            found.append(_("那段时间已经邀请去别的单，还没有答复"))
        elif rule in RULES:
            found += dispatch.conflict_words([dispatch.Conflict(rule, rule)], lang)
    return found


def stale_words(overtaken: list[dict[str, str]], lang: str = "zh") -> list[str]:
    """Why proposals of a plan did not become offers, counted."""
    counted: dict[str, int] = {}
    for one in overtaken:
        counted[one["why"]] = counted.get(one["why"], 0) + 1
    parts = []
    for why, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        parts.append(ngettext("%(why)s：%(num)s 个", "%(why)s：%(num)s 个", count, why=_stale_word(why, lang)))
    return parts


def _stale_word(why: str, lang: str) -> str:
    own = {
        "amended": _("单子的时间改了"), "wrong_state": _("单子已经不找人了"), "already_taken": _("名额已经满了"),
        "conflict": _("情况刚刚变了"), "not_found": _("单子或志愿者已不在"),
    }  # fmt: skip
    rule = dispatch.Conflict("banned", why) if why in BANS else dispatch.Conflict(why, None)
    return own.get(why) or (dispatch.conflict_words([rule], lang)[0] if why in RULES else _("情况刚刚变了"))
