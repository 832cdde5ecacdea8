"""When somebody may be messaged: quiet hours, budgets a day and a week, "no stops the messages", the digest.

Pure predicates over a history of alerts. Days and weeks are local calendar ones (weeks begin on Monday), as the engine
counts limits; all intervals are half-open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dispatch.offering.history import DAY, Alert, Answer, messages_since

MINUTE = 60


class Held(StrEnum):
    """Why somebody is not messaged now."""

    ASKED = "asked"  # has an offer of this order, or had one: a no stops the messages, so does silence
    STOPPED = "stopped"  # asked for no more messages for now
    QUIET = "quiet"  # quiet hours
    DAY = "day"  # budget of the day used up
    WEEK = "week"  # budget of the week used up
    DIGEST = "digest"  # planned work waits for the next digest


@dataclass(frozen=True, slots=True)
class Rules:
    """What a volunteer is promised, by the office or by themselves (the stricter holds: strictest()).

    daily, weekly   messages a local day and week; daily_on_duty instead of daily while on duty
    quiet           local minutes of the day (from, to) without messages, over midnight when from > to; equal: never
    urgent_on_duty  somebody on duty may be woken for urgent work in quiet hours
    digest          local minutes of the day at which planned work is told, all in one message; empty: at once
    digest_notice   hours: planned work that begins sooner is told at once
    """

    daily: int = 3
    weekly: int = 8
    daily_on_duty: int = 6
    quiet: tuple[int, int] = (21 * 60, 8 * 60)
    urgent_on_duty: bool = True
    digest: tuple[int, ...] = ()
    digest_notice: float = 48.0


@dataclass(frozen=True, slots=True)
class Asking:
    """The message in question: for which order, how urgent, hours until it begins, and whether its receiver is on
    duty now. `digest` names the digest it is part of, when one is being sent at this moment: Alert.message."""

    order: str
    urgency: str = "normal"
    notice: float = 24.0
    on_duty: bool = False
    digest: str = ""


def held(
    moment: int,
    asking: Asking,
    alerts: Sequence[Alert],
    rules: Rules,
    *,
    stopped_until: int = 0,
    utc_offset: int = 28800,
) -> Held | None:
    """Why this message may not go out at `moment`, or None when it may.

    `alerts`: what this volunteer was sent before `moment` (a week's worth is enough; of this order, all of it).
    """
    for one in alerts:
        if one.order == asking.order and one.answer is not Answer.WITHDRAWN:
            return Held.ASKED
    if moment < stopped_until:
        return Held.STOPPED
    if is_quiet(moment, rules.quiet, utc_offset) and not _wakes(asking, rules):
        return Held.QUIET
    if waits_for_digest(asking, rules) and not asking.digest:
        return Held.DIGEST
    return _over_budget(moment, asking, alerts, rules, utc_offset)


def _over_budget(moment: int, asking: Asking, alerts: Sequence[Alert], rules: Rules, utc_offset: int) -> Held | None:
    if asking.digest and any(one.message == asking.digest for one in alerts):
        return None  # one message more or less long
    today, monday = day_start(moment, utc_offset), week_start(moment, utc_offset)
    if messages_since(alerts, today) >= (rules.daily_on_duty if asking.on_duty else rules.daily):
        return Held.DAY
    return Held.WEEK if messages_since(alerts, monday) >= rules.weekly else None


def is_quiet(moment: int, quiet: tuple[int, int], utc_offset: int = 28800) -> bool:
    """Whether the local time lies within [from, to), over midnight when from > to."""
    begin, end = quiet
    minute = (moment + utc_offset) % DAY // MINUTE
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def quiet_ends(moment: int, quiet: tuple[int, int], utc_offset: int = 28800) -> int:
    """The first moment from `moment` on that is not quiet."""
    if not is_quiet(moment, quiet, utc_offset):
        return moment
    end = day_start(moment, utc_offset) + quiet[1] * MINUTE
    return end if end > moment else end + DAY


def waits_for_digest(asking: Asking, rules: Rules) -> bool:
    """Planned work with enough notice is told in the digest, everything else at once."""
    return bool(rules.digest) and asking.urgency == "planned" and asking.notice >= rules.digest_notice


def next_digest(moment: int, rules: Rules, utc_offset: int = 28800) -> int | None:
    """The next moment from `moment` on at which a digest goes out, outside quiet hours; None when there is none."""
    today = day_start(moment, utc_offset)
    times = (today + day * DAY + minute * MINUTE for day in (0, 1) for minute in sorted(rules.digest))
    return next((at for at in times if at >= moment and not is_quiet(at, rules.quiet, utc_offset)), None)


def strictest(office: Rules, own: Iterable[Rules]) -> Rules:
    """The office's rules made stricter by what the volunteer wishes: fewer messages; their own quiet hours count
    where given, and never open the office's (see both() for the union of two quiet times)."""
    found = office
    for wish in own:
        found = Rules(
            min(found.daily, wish.daily), min(found.weekly, wish.weekly), min(found.daily_on_duty, wish.daily_on_duty),
            both(found.quiet, wish.quiet), found.urgent_on_duty and wish.urgent_on_duty, found.digest,
            min(found.digest_notice, wish.digest_notice),
        )  # fmt: skip
    return found


def both(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The shortest single stretch that covers two quiet times."""
    minutes = {minute for minute in range(24 * 60) if any(is_quiet(minute * MINUTE, q, 0) for q in (one, other))}
    if not minutes or len(minutes) == 24 * 60:
        return (0, 24 * 60) if minutes else (0, 0)
    choices = [(begin, end) for begin in (one[0], other[0]) for end in (one[1], other[1])]
    covering = [q for q in choices if all(is_quiet(minute * MINUTE, q, 0) for minute in minutes)]
    return min(covering, key=lambda q: (q[1] - q[0]) % DAY) if covering else (0, 24 * 60)


def _wakes(asking: Asking, rules: Rules) -> bool:
    return rules.urgent_on_duty and asking.on_duty and asking.urgency == "urgent"


def day_start(moment: int, utc_offset: int = 28800) -> int:
    """The epoch second at which the local day of `moment` begins."""
    return (moment + utc_offset) // DAY * DAY - utc_offset


def week_start(moment: int, utc_offset: int = 28800) -> int:
    """The epoch second at which the local week of `moment` begins, a Monday."""
    return ((moment + utc_offset) // DAY + 3) // 7 * 7 * DAY - 3 * DAY - utc_offset
