"""Problems and plans as JSON text: what a stranger sends in and gets back. docs/problem.md tells the format.

Reading is strict and says where (path) and why (reason) it refuses; nothing is guessed, nothing is dropped silently.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from dispatch.costs import Weights
from dispatch.engine import MODES
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.validation import ProblemError, whole

VERSION = 1
LARGEST_SEED = (1 << 53) - 1  # what every JSON reader keeps exactly
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", NoneType: "null"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it is looked at: bytes of text, rows of the two lists."""

    bytes: int = 512 << 20
    orders: int = 100_000
    volunteers: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A problem together with how it is to be solved."""

    problem: Problem
    mode: str = "instant"
    weights: Weights = field(default_factory=Weights)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ProblemError("mode", f"must be one of {', '.join(MODES)}, not {self.mode!r}")
        whole(self.seed, "seed", 0, LARGEST_SEED)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, every field given."""
        ahead = {"version": VERSION, "mode": self.mode, "seed": self.seed, "weights": self.weights.to_dict()}
        return {**ahead, **self.problem.to_dict()}


def read(text: str | bytes, limits: Limits | None = None) -> Document:
    """The document in a JSON text. Raises ProblemError for anything it does not fully understand."""
    limits = limits or Limits()
    data = parse(text, limits.bytes)
    if not isinstance(data, dict):
        raise ProblemError("problem", "must be an object")
    whole(data.pop("version", VERSION), "version", VERSION, VERSION)
    weights = data.pop("weights", {})
    if not isinstance(weights, dict):
        raise ProblemError("weights", "must be an object")
    how = {name: data.pop(name) for name in ("mode", "seed") if name in data}
    for name, most in (("orders", limits.orders), ("volunteers", limits.volunteers)):
        rows = data.get(name)
        if isinstance(rows, list) and len(rows) > most:
            raise ProblemError(name, f"has {len(rows)} rows, more than the limit of {most}")
    return Document(Problem.from_dict(data), weights=Weights.from_dict(weights), **how)


def read_plan(text: str | bytes, limits: Limits | None = None) -> Plan:
    """The plan in a JSON text, made by whoever; whether it is a good plan is for violations() to say."""
    data = parse(text, (limits or Limits()).bytes)
    _typed(data, Plan, "")
    for name in asdict(Weights()):
        if name not in data["weights"]:
            raise ProblemError(f"weights.{name}", "is missing")
    Weights.from_dict(data["weights"])
    if "unfilled_weight" not in data["stats"]:
        raise ProblemError("stats.unfilled_weight", "is missing")
    _typed(data["stats"]["unfilled_weight"], int, "stats.unfilled_weight")
    if data.get("mode", MODES[0]) not in MODES:
        raise ProblemError("mode", f"must be one of {', '.join(MODES)}, not {data['mode']!r}")
    return Plan.from_dict(data)


def dump(data: dict[str, Any]) -> str:
    """JSON text as people may read it, ending with a line break."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def parse(text: str | bytes, most: int) -> Any:
    """The JSON value of a text of at most `most` bytes; no name twice in one object."""
    if len(text) > most:
        raise ProblemError("document", f"has {len(text)} bytes, more than the limit of {most}")
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text, object_pairs_hook=_once)
    except json.JSONDecodeError as wrong:
        raise ProblemError(f"line {wrong.lineno} column {wrong.colno}", f"is not JSON: {wrong.msg}") from None
    except UnicodeDecodeError as wrong:
        raise ProblemError(f"byte {wrong.start}", "is not UTF-8") from None
    except RecursionError:
        raise ProblemError("document", "is nested too deeply") from None
    except ProblemError:
        raise
    except ValueError:  # Python refuses to read numbers of thousands of digits
        raise ProblemError("document", "has a number with too many digits") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProblemError(twice, "is given twice in one object")
    return found


def _typed(value: Any, hint: Any, path: str) -> None:
    """Refuse a JSON value that is not of the annotated type, by path."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if is_dataclass(hint):
        _typed_fields(value, hint, path)
    elif origin is UnionType:
        if value is not None:
            _typed(value, next(one for one in inner if one is not NoneType), path)
    elif origin is tuple:
        for i, item in enumerate(_of(value, list, "a list", path)):
            _typed(item, inner[0], f"{path}[{i}]")
    elif origin is dict:
        for key, item in _of(value, dict, "an object", path).items():
            _typed(item, inner[1], f"{path}.{key}")
    elif not (type(value) is hint or (hint is float and type(value) is int)) or value != value:  # NaN differs from NaN
        raise ProblemError(path, f"must be {KINDS[hint]}, not {value!r}")


def _typed_fields(value: Any, kind: Any, path: str) -> None:
    given: Mapping[str, Any] = _of(value, dict, "an object", path or "plan")
    hints, here = get_type_hints(kind), f"{path}." if path else ""
    for key in given:
        if key not in hints:
            raise ProblemError(f"{here}{key}", "is not a known field")
    for one in fields(kind):
        if one.name in given:
            _typed(given[one.name], hints[one.name], here + one.name)
        elif one.default is MISSING:
            raise ProblemError(f"{here}{one.name}", "is missing")


def _of(value: Any, kind: type, what: str, path: str) -> Any:
    if not isinstance(value, kind):
        raise ProblemError(path, f"must be {what}, not {value!r}")
    return value
