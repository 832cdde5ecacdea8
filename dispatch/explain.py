"""Reasons in plain sentences, in Chinese and English, for the reader they are meant for.

A volunteer and a resident never learn anything about other people: only the coordinator's sentences name
counts of others, limits and home distances of somebody else. Sentences live in sentences.py; this module
fills them in.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from dispatch.board import Conflict
from dispatch.plan import Proposal, Unplaced
from dispatch.reasons.remedy import Remedy
from dispatch.reasons.sentences import BAN_WORDS, LOST, MODE_WORDS, REASONS, UNPLACED
from dispatch.reasons.sentences_remedies import REMEDIES
from dispatch.reasons.sentences_why import BECAUSE, OWN_RULES, TAKERS, TERM_WORDS, WHY, WHY_NOT
from dispatch.reasons.verdicts import Taker, Why, WhyNot

NEARBY_M = 3000  # beyond this nobody is told that the volunteer lives nearby
JOIN = {"zh": "、", "en": ", "}
BOTH = {"zh": "；", "en": "; "}
FAR_MIN = 240  # beyond four hours of travel nobody counts any more
Names = Mapping[str, str] | None


def words(
    reasons: Proposal | Mapping[str, Any] | Iterable[str],
    lang: str = "zh",
    reader: str = "coordinator",
    *,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Sentences for a proposal (or its stored dict, or bare reason codes), in the order of its reasons.

    `names` gives the shown names of languages and skills where they differ from their codes.
    """
    table = REASONS[lang][reader]
    found = [_sentence(code, table, lang, names or {}) for code in _codes(reasons)]
    return [sentence for sentence in found if sentence]


def unplaced_words(
    unplaced: Unplaced | Mapping[str, Any],
    lang: str = "zh",
    reader: str = "coordinator",
    *,
    takers: Iterable[Taker] = (),
    mode: str = "instant",
    names: Names = None,
) -> list[str]:
    """Why positions are open: how many people each rule cost, then what became of those who could have come.

    `takers` (whynot.takers) adds which orders these serve instead; `mode` is the plan's; `names` gives shown names of
    orders. Only the coordinator reads counts and other orders.
    """
    get = partial(_part, unplaced)
    table = UNPLACED[lang]
    if reader != "coordinator":
        return [table["waiting" if get("eligible") else "searching"]]
    everybody = get("eligible") + sum(get("lost").values())
    found = [_lost_words(get("lost"), everybody, lang)] if everybody > get("eligible") else []
    found.extend(_ban_words(get("bans"), lang))
    ending = _ending(get)
    shown = f"{ending}_day" if mode == "day" and ending == "taken" else ending
    found.append(table[shown].format(eligible=get("eligible"), open=get("open_positions")))
    return found + _taker_words(list(takers), lang, names or {})


def why_words(
    why: Why, proposal: Proposal, lang: str = "zh", reader: str = "coordinator", *, names: Names = None
) -> list[str]:
    """What a proposal rests on and what would change it: points and the runner-up (whom `names` may give a shown name)
    for the coordinator only."""
    table, names = WHY[lang][reader], names or {}
    found: list[str] = []
    if reader == "coordinator":
        parts = _term_words(why, proposal, lang)
        found.append(table["terms"].format(cost=proposal.cost, parts=parts) if parts else table["free"])
        if why.runner_up is not None:
            runner_up = names.get(why.runner_up, why.runner_up)
            found.append(table["runner_up"].format(runner_up=runner_up, margin=why.margin))
    if why.lasting:
        found.append(table["lasting"])
    elif why.slack:
        found.extend(_slack_words(why, table, lang))
    elif why.slack == 0 and "equal" in table:
        found.append(table["equal"])
    return found


def why_not_words(why_not: WhyNot, lang: str = "zh", reader: str = "coordinator", *, names: Names = None) -> list[str]:
    """Why a volunteer is not asked for an order, said to that volunteer, to the coordinator, or to the resident who
    wished for them; `names` gives shown names of orders."""
    table, names = WHY_NOT[lang][reader], names or {}
    rules = OWN_RULES[lang] if reader == "volunteer" else {**LOST[lang], **_bans(lang)}
    because = [BECAUSE[lang][term] for term in why_not.because] or [BECAUSE[lang]["equal"]]
    shown = {
        "rules": BOTH[lang].join(rules.get(rule, rules[rule.partition(":")[0]]) for rule in why_not.rules),
        "because": because[0] if reader == "volunteer" else BOTH[lang].join(because),
        "serves": names.get(why_not.serves or "", why_not.serves or ""),
    }
    found = [table[why_not.verdict].format(**shown)]
    minutes = why_not.minutes or 0
    if reader == "volunteer" and why_not.because[:1] == ("travel",) and minutes:
        found.append(table["by"].format(minutes=minutes_words(minutes, lang)))
    elif reader == "coordinator" and why_not.points:
        by = table["by" if minutes else "by_points"]
        found.append(by.format(points=why_not.points, minutes=minutes_words(minutes, lang)))
    elif reader == "coordinator" and why_not.lasting:
        found.append(table["lasting"])
    return found


def remedy_words(remedy: Remedy, lang: str = "zh", reader: str = "coordinator", *, names: Names = None) -> list[str]:
    """What would fill an open order, in one sentence and for the coordinator with its cost.

    Empty for a resident or volunteer where it is not theirs to change. To a volunteer only remedies in whose `who` they
    are should be shown. `names` gives shown names of volunteers, orders, skills and credentials.
    """
    table, names = REMEDIES[lang][reader], names or {}
    code = f"{remedy.kind}:{remedy.what[0]}" if remedy.kind == "drop" else remedy.kind
    if reader == "coordinator" and remedy.kind == "newcomer" and remedy.what:
        code = "newcomer:what"
    if code not in table:
        return []
    shown = {
        "who": JOIN[lang].join(names.get(one, one) for one in remedy.who),
        "what": JOIN[lang].join(names.get(one, one) for one in remedy.what),
        "distance": f"{remedy.amount / 1000:g} " + {"zh": "公里", "en": "km"}[lang],
        "late": minutes_words(remedy.amount // 60, lang),
        "people": remedy.amount,
    }
    change = table[code].format(**shown)
    if reader != "coordinator":
        return [change]
    known = [names.get(one, one) for one in remedy.helpers if not one.startswith("new-")]
    told = bool(known) and set(remedy.helpers) != set(remedy.who)
    found = [table["then"].format(change=change, helpers=JOIN[lang].join(known)) if told else change]
    if remedy.cost:
        found.append(table["dearer" if remedy.cost > 0 else "cheaper"].format(cost=abs(remedy.cost)))
    return found


def conflict_words(conflicts: Iterable[Conflict], lang: str = "zh") -> list[str]:
    """What speaks against a pair that a coordinator chose by hand."""
    found: list[str] = []
    for conflict in conflicts:
        ban = BAN_WORDS[lang].get(conflict.why or "")
        found.append(ban or LOST[lang][conflict.rule])
    return found


def _part(unplaced: Unplaced | Mapping[str, Any], name: str) -> Any:
    return unplaced[name] if isinstance(unplaced, Mapping) else getattr(unplaced, name)


def _codes(reasons: Proposal | Mapping[str, Any] | Iterable[str]) -> Iterable[str]:
    if isinstance(reasons, Proposal):
        return reasons.reasons
    return reasons["reasons"] if isinstance(reasons, Mapping) else reasons


def _sentence(code: str, table: Mapping[str, str], lang: str, names: Mapping[str, str]) -> str:
    name, _, rest = code.partition(":")
    if name == "travel":
        return _travel(rest, table, lang)
    shown = JOIN[lang].join(names.get(part, part) for part in rest.split("+"))
    return table.get(name, "").format(what=shown)


def _travel(rest: str, table: Mapping[str, str], lang: str) -> str:
    mode, metres, seconds = rest.split(":")
    if "nearby" in table:
        return table["nearby"] if int(metres) <= NEARBY_M else ""
    return table["travel"].format(
        distance=distance_words(int(metres), lang),
        mode=MODE_WORDS[lang][mode],
        minutes=max(1, round(int(seconds) / 60)),
    )


def minutes_words(minutes: int, lang: str) -> str:
    """Rounded down as people say it: to 5 from 20 minutes on, to half hours from an hour on."""
    if minutes >= 60:
        hours = minutes // 30 / 2
        return f" {hours:g} 小时" if lang == "zh" else f"{hours:g} h"
    shown = minutes if minutes < 20 else minutes // 5 * 5
    if shown == 30:
        return "半小时" if lang == "zh" else "half an hour"
    return f" {shown} 分钟" if lang == "zh" else f"{shown} min"


def distance_words(metres: int, lang: str) -> str:
    """Rounded as people say it: to 50 m below a kilometre, to 100 m above."""
    near = max(50, round(metres / 50) * 50)
    if near < 1000:
        return f"{near} 米" if lang == "zh" else f"{near} m"
    return f"{metres / 1000:.1f} 公里" if lang == "zh" else f"{metres / 1000:.1f} km"


def _lost_words(lost: Mapping[str, int], everybody: int, lang: str) -> str:
    parts = [f"{LOST[lang][rule]} {count}" for rule, count in lost.items() if count]
    return UNPLACED[lang]["lost"].format(everybody=everybody, parts=JOIN[lang].join(parts))


def _ban_words(bans: Mapping[str, int], lang: str) -> list[str]:
    parts = [f"{BAN_WORDS[lang].get(why, why)} {count}" for why, count in bans.items()]
    return [UNPLACED[lang]["bans"].format(parts=JOIN[lang].join(parts))] if parts else []


def _ending(get: Any) -> str:
    if get("verdict") == "taken_by_others":
        return "taken"
    return "too_few" if get("eligible") else "nobody"


def _term_words(why: Why, proposal: Proposal, lang: str) -> str:
    """Terms that cost something, in points and in what they mean."""
    way = {
        "distance": distance_words(proposal.distance_m, lang),
        "minutes": max(1, round(proposal.travel_s / 60)),
    }
    table = TERM_WORDS[lang]
    return BOTH[lang].join(table[term].format(points=points, **way) for term, points in why.terms.items() if points)


def _slack(why: Why, lang: str) -> dict[str, Any]:
    return {"slack": why.slack, "minutes": minutes_words(min(why.minutes or 0, FAR_MIN), lang)}


def _slack_words(why: Why, table: Mapping[str, str], lang: str) -> list[str]:
    code = "slack" if why.minutes else "points"
    return [table[code].format(**_slack(why, lang))] if code in table else []


def _taker_words(takers: list[Taker], lang: str, names: Mapping[str, str]) -> list[str]:
    if not takers:
        return []
    table = TAKERS[lang]
    parts = [
        table["one"].format(order=names.get(one.order, one.order), priority=one.priority, people=one.people)
        for one in takers
    ]
    found = [table["held"].format(parts=JOIN[lang].join(parts))]
    losses = [one.loses for one in takers if one.loses is not None]
    return [*found, table["loses"].format(loses=min(losses))] if losses else found


def _bans(lang: str) -> dict[str, str]:
    return {f"banned:{why}": words for why, words in BAN_WORDS[lang].items()}
