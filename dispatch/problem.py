"""The frozen snapshot the engine works on: orders, volunteers, the moment, nothing else.

Times are epoch seconds UTC, intervals half-open, places WGS-84. A Problem is checked when it is made
(ProblemError names the path and the reason) and kept in order of ids, so that equal problems have equal
JSON and equal digests.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, cast

from dispatch import validation
from dispatch.validation import ProblemError

Pairs = tuple[tuple[str, str], ...]


def _set(spec: object, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(spec, name, value)


def _words(value: Any) -> Any:
    """Any collection of words → frozenset; what is no collection stays, for validation to refuse by name."""
    if isinstance(value, frozenset | str | Mapping) or not isinstance(value, Iterable):
        return value
    try:
        return frozenset(value)
    except TypeError:  # lists within the list
        return value


def _rows(value: Any) -> Any:
    """A list of lists (as JSON has it) → sorted tuple of tuples; unsorted where validation will refuse a row."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return value
    rows = tuple(tuple(row) if isinstance(row, list | tuple) else row for row in value)
    try:
        return tuple(sorted(set(rows), key=repr if any(None in r for r in rows if isinstance(r, tuple)) else None))
    except TypeError:
        return rows


def _number(value: Any) -> Any:
    return float(value) if type(value) is int and abs(value) < 1 << 53 else value


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """One need: where, when, how long, how many people with what, and who must not or would rather be asked.

    `now` means to be served at once by somebody on duty; `languages` is met by speaking any of them;
    `excluded` holds pair bans (volunteer id, why) for this order only. `together` means all positions or none
    (in a day plan every order of several people is). `offered` names the volunteers with an open offer for it:
    choosing somebody else instead costs Weights.stability.
    """

    id: str
    lat: float
    lon: float
    window_start: int
    window_end: int
    duration: int
    positions: int = 1
    skills: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    priority: int = 1
    now: bool = False
    languages: frozenset[str] = frozenset()
    sex: str | None = None
    preferred: frozenset[str] = frozenset()
    excluded: Pairs | Mapping[str, str] = ()
    minimum_age: int | None = None
    office: str = ""
    together: bool = False
    offered: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("skills", "credentials", "languages", "preferred", "offered"):
            _set(self, **{name: _words(getattr(self, name))})
        bans = self.excluded.items() if isinstance(self.excluded, Mapping) else self.excluded
        _set(self, lat=_number(self.lat), lon=_number(self.lon), excluded=_rows(bans))

    @property
    def bans(self) -> Pairs:
        """`excluded` in its settled form: sorted (volunteer id, why) pairs."""
        return cast(Pairs, self.excluded)


@dataclass(frozen=True, slots=True, order=True)
class Commitment:
    """Work a volunteer has already accepted: it takes its time, its travel and its share of the limits."""

    start: int
    end: int
    lat: float
    lon: float

    def __post_init__(self) -> None:
        _set(self, lat=_number(self.lat), lon=_number(self.lon))


@dataclass(frozen=True, slots=True)
class VolunteerSpec:
    """One volunteer: home, abilities, free hours, own limits.

    `load` is recent work in minutes (say, this month). `answer_chance` is the chance of *any* answer in
    time, yes or no alike: a refusal must never lower it. A credential's second part is the moment it ends
    (None: never). A rest is a pause a day plan must leave: earliest begin, latest begin, seconds.
    """

    id: str
    lat: float
    lon: float
    skills: frozenset[str] = frozenset()
    credentials: tuple[tuple[str, int | None], ...] = ()
    availability: tuple[tuple[int, int], ...] = ()
    radius_m: int = 3000
    mode: str = "walk"
    commitments: tuple[Commitment, ...] = ()
    daily_limit: int | None = None
    weekly_limit_minutes: int | None = None
    on_duty: bool = False
    load: float = 0.0
    answer_chance: float = 1.0
    sex: str | None = None
    languages: frozenset[str] = frozenset()
    age: int | None = None
    active: bool = True
    rests: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        _set(self, skills=_words(self.skills), languages=_words(self.languages))
        for name in ("credentials", "availability", "rests"):
            _set(self, **{name: _rows(getattr(self, name))})
        _set(self, commitments=_commitments(self.commitments))
        for name in ("lat", "lon", "load", "answer_chance"):
            _set(self, **{name: _number(getattr(self, name))})


def _commitments(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    made = tuple(value)
    return tuple(sorted(made)) if len(made) > 1 and all(isinstance(c, Commitment) for c in made) else made


@dataclass(frozen=True, slots=True)
class Problem:
    """All that one dispatch run may know. `utc_offset` (seconds) says where local days and weeks begin.

    `meeting_step` (seconds): where several people serve together in a day plan, they begin a whole number of steps
    after the window opens (people agree on a quarter past two, not on 14:07:23). `most_stops`: no day plan sends
    anybody to more orders than this in one stretch of free hours, whatever their own limits allow.
    """

    now: int
    orders: tuple[OrderSpec, ...]
    volunteers: tuple[VolunteerSpec, ...]
    utc_offset: int = 28800
    meeting_step: int = 900
    most_stops: int = 6

    def __post_init__(self) -> None:
        _set(self, orders=tuple(self.orders), volunteers=tuple(self.volunteers))
        validation.check_problem(self)
        for name in ("orders", "volunteers"):
            _set(self, **{name: tuple(sorted(getattr(self, name), key=lambda spec: spec.id))})

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, canonical: lists sorted, so equal problems give equal text."""
        return cast(dict[str, Any], _plain(self))

    @classmethod
    def from_dict(cls, data: Any) -> "Problem":
        """The inverse of to_dict(); refuses unknown and missing fields by path."""
        given = _known(cls, data, "")
        for name, spec in (("orders", OrderSpec), ("volunteers", VolunteerSpec)):
            given[name] = [_spec(spec, row, f"{name}[{i}]") for i, row in _listed(given[name], name)]
        return cls(**given)

    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return digest(self.to_dict())


def digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _listed(value: Any, path: str) -> Iterable[tuple[int, Any]]:
    if not isinstance(value, list | tuple):
        raise ProblemError(path, "must be a list")
    return enumerate(value)


def _known(kind: Any, data: Any, path: str) -> dict[str, Any]:
    """`data` as keyword arguments of `kind`, once every key is known and none is missing."""
    if not isinstance(data, Mapping):
        raise ProblemError(path or "problem", "must be an object")
    here = f"{path}." if path else ""
    names = {field.name: field for field in fields(kind)}
    for key in data:
        if key not in names:
            raise ProblemError(f"{here}{key}", "is not a known field")
    for name, field in names.items():
        if name not in data and field.default is MISSING:
            raise ProblemError(f"{here}{name}", "is missing")
    return dict(data)


def _spec(kind: Any, row: Any, path: str) -> Any:
    given = _known(kind, row, path)
    if "commitments" in given:
        where = f"{path}.commitments"
        listed = _listed(given["commitments"], where)
        given["commitments"] = tuple(Commitment(**_known(Commitment, item, f"{where}[{i}]")) for i, item in listed)
    return kind(**given)
