"""What a sound problem looks like: every refusal names the path of the field and the reason."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dispatch.geo import MODES

if TYPE_CHECKING:
    from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec

# Beyond these no real problem lies, and inside them every sum below fits 64 bits.
LAST_MOMENT = 1 << 36
LONGEST_WINDOW = 92 * 86400
MOST_POSITIONS = 10_000
HIGHEST_PRIORITY = 1_000
HEAVIEST_LOAD = 10_000_000
LONGEST_REASON = 300  # characters; what was given instead may be a whole file


class ProblemError(ValueError):
    """A problem that cannot be right: `path` says where (orders[3].duration), `reason` what is wrong."""

    def __init__(self, path: str, reason: str) -> None:
        if len(reason) > LONGEST_REASON:
            reason = f"{reason[:LONGEST_REASON]}…"
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def check_problem(problem: "Problem") -> None:
    whole(problem.now, "now", 0, LAST_MOMENT)
    whole(problem.utc_offset, "utc_offset", -86400, 86400)
    whole(problem.meeting_step, "meeting_step", 60, 86400)
    whole(problem.most_stops, "most_stops", 1, 12)
    for i, order in enumerate(problem.orders):
        check_order(order, f"orders[{i}]")
    for i, volunteer in enumerate(problem.volunteers):
        check_volunteer(volunteer, f"volunteers[{i}]")
    unique((order.id for order in problem.orders), "orders")
    unique((volunteer.id for volunteer in problem.volunteers), "volunteers")


def unique(ids: Iterable[str], path: str) -> None:
    seen: dict[str, int] = {}
    for i, one in enumerate(ids):
        if one in seen:
            raise ProblemError(f"{path}[{i}].id", f"{one!r} is already {path}[{seen[one]}]")
        seen[one] = i


def check_order(order: "OrderSpec", path: str) -> None:
    word(order.id, f"{path}.id")
    check_place(order, path)
    whole(order.window_start, f"{path}.window_start", 0, LAST_MOMENT)
    whole(order.window_end, f"{path}.window_end", 0, LAST_MOMENT)
    whole(order.duration, f"{path}.duration", 1, LONGEST_WINDOW)
    if order.window_end - order.window_start < order.duration:
        raise ProblemError(f"{path}.window_end", "leaves less time after window_start than the duration")
    if order.window_end - order.window_start > LONGEST_WINDOW:
        raise ProblemError(f"{path}.window_end", "is more than 92 days after window_start")
    whole(order.positions, f"{path}.positions", 1, MOST_POSITIONS)
    whole(order.priority, f"{path}.priority", 1, HIGHEST_PRIORITY)
    flag(order.now, f"{path}.now")
    flag(order.together, f"{path}.together")
    for name in ("skills", "credentials", "languages", "preferred", "offered"):
        words(getattr(order, name), f"{path}.{name}")
    maybe_word(order.sex, f"{path}.sex")
    check_rows(order.excluded, f"{path}.excluded", "a volunteer id and why", _is_ban)
    maybe_whole(order.minimum_age, f"{path}.minimum_age", 0, 150)
    if not isinstance(order.office, str) or not _is_text(order.office):
        raise ProblemError(f"{path}.office", f"must be text, not {order.office!r}")


def check_volunteer(volunteer: "VolunteerSpec", path: str) -> None:
    word(volunteer.id, f"{path}.id")
    check_place(volunteer, path)
    words(volunteer.skills, f"{path}.skills")
    words(volunteer.languages, f"{path}.languages")
    check_rows(volunteer.credentials, f"{path}.credentials", "a kind and the moment it ends", _is_credential)
    check_rows(volunteer.availability, f"{path}.availability", "a start and a later end", _is_interval)
    check_rows(volunteer.rests, f"{path}.rests", "an earliest begin, a latest begin and seconds", _is_rest)
    whole(volunteer.radius_m, f"{path}.radius_m", 0, 20_100_000)
    if not isinstance(volunteer.mode, str) or volunteer.mode not in MODES:
        raise ProblemError(f"{path}.mode", f"{volunteer.mode!r} is none of {', '.join(MODES)}")
    check_commitments(volunteer.commitments, f"{path}.commitments")
    maybe_whole(volunteer.daily_limit, f"{path}.daily_limit", 0, 1000)
    maybe_whole(volunteer.weekly_limit_minutes, f"{path}.weekly_limit_minutes", 0, 7 * 24 * 60)
    flag(volunteer.on_duty, f"{path}.on_duty")
    flag(volunteer.active, f"{path}.active")
    real(volunteer.load, f"{path}.load", 0, HEAVIEST_LOAD)
    real(volunteer.answer_chance, f"{path}.answer_chance", 0, 1)
    maybe_word(volunteer.sex, f"{path}.sex")
    maybe_whole(volunteer.age, f"{path}.age", 0, 150)


def check_commitments(commitments: Any, path: str) -> None:
    if not isinstance(commitments, tuple):
        raise ProblemError(path, "must be a list of commitments")
    for i, one in enumerate(commitments):
        if not hasattr(one, "start"):
            raise ProblemError(f"{path}[{i}]", f"must be a Commitment, not {one!r}")
        check_place(one, f"{path}[{i}]")
        if not _is_interval((one.start, one.end)):
            raise ProblemError(f"{path}[{i}].end", f"must be a moment after start ({one.start!r})")


def check_place(spec: "OrderSpec | VolunteerSpec | Commitment", path: str) -> None:
    real(spec.lat, f"{path}.lat", -90, 90)
    real(spec.lon, f"{path}.lon", -180, 180)


def check_rows(rows: Any, path: str, what: str, sound: Any) -> None:
    if not isinstance(rows, tuple):
        raise ProblemError(path, f"must be a list, each of {what}")
    for i, row in enumerate(rows):
        if not (isinstance(row, tuple) and sound(row)):
            raise ProblemError(f"{path}[{i}]", f"must be {what}, not {row!r}")


def _is_ban(row: tuple[Any, ...]) -> bool:
    return len(row) == 2 and all(_is_word(part) for part in row)


def _is_credential(row: tuple[Any, ...]) -> bool:
    if len(row) != 2:
        return False
    kind, until = row
    return _is_word(kind) and (until is None or _is_moment(until))


def _is_interval(row: tuple[Any, ...]) -> bool:
    return len(row) == 2 and bool(_is_moment(row[0]) and _is_moment(row[1]) and row[0] < row[1])


def _is_rest(row: tuple[Any, ...]) -> bool:
    if len(row) != 3:
        return False
    first, last, seconds = row
    return bool(_is_moment(first) and _is_moment(last) and first <= last and _is_moment(seconds) and seconds)


def _is_moment(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LAST_MOMENT


def whole(value: Any, path: str, low: int, high: int) -> None:
    if type(value) is not int:
        raise ProblemError(path, f"must be a whole number, not {value!r}")
    if not low <= value <= high:
        raise ProblemError(path, f"{value} is not between {low} and {high}")


def maybe_whole(value: Any, path: str, low: int, high: int) -> None:
    if value is not None:
        whole(value, path, low, high)


def real(value: Any, path: str, low: float, high: float) -> None:
    if type(value) is not float or not math.isfinite(value):
        raise ProblemError(path, f"must be a number, not {value!r}")
    if not low <= value <= high:
        raise ProblemError(path, f"{value} is not between {low} and {high}")


def flag(value: Any, path: str) -> None:
    if type(value) is not bool:
        raise ProblemError(path, f"must be true or false, not {value!r}")


def word(value: Any, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise ProblemError(path, f"must be a word, not {value!r}")
    if not _is_text(value):
        raise ProblemError(path, f"must be text that can be written down, not {value!r}")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value != "" and _is_text(value)


def _is_text(value: str) -> bool:
    """JSON can escape half a character (a lone surrogate), which no file can hold."""
    return value.isascii() or not any("\ud800" <= one <= "\udfff" for one in value)


def maybe_word(value: Any, path: str) -> None:
    if value is not None:
        word(value, path)


def words(value: Any, path: str) -> None:
    if not isinstance(value, frozenset):
        raise ProblemError(path, f"must be a set of words, not {value!r}")
    for one in value:
        word(one, path)
