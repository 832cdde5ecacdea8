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
from dispatch.sentences import BAN_WORDS, LOST, MODE_WORDS, REASONS, UNPLACED

NEARBY_M = 3000  # beyond this nobody is told that the volunteer lives nearby
JOIN = {"zh": "、", "en": ", "}


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


def unplaced_words(unplaced: Unplaced | Mapping[str, Any], lang: str = "zh", reader: str = "coordinator") -> list[str]:
    """Why positions are open: how many people each rule cost, then what became of those who could have
    come."""
    get = partial(_part, unplaced)
    table = UNPLACED[lang]
    if reader != "coordinator":
        return [table["waiting" if get("eligible") else "searching"]]
    everybody = get("eligible") + sum(get("lost").values())
    found = [_lost_words(get("lost"), everybody, lang)] if everybody > get("eligible") else []
    found.extend(_ban_words(get("bans"), lang))
    found.append(table[_ending(get)].format(eligible=get("eligible"), open=get("open_positions")))
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
