"""The schema and the guide say the same as the reader: every field, default and limit."""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dispatch import MODES as TRAVEL
from dispatch import (
    RULE_NAMES,
    Commitment,
    OrderSpec,
    Plan,
    Problem,
    ProblemError,
    VolunteerSpec,
    Weights,
    generate,
    solve,
    violations,
)
from dispatch.cli import schema_text
from dispatch.document import Document, Limits, read
from dispatch.engine import MODES
from dispatch.rolling.sentences import CAUSES
from tests.dispatch.makers import cities, order, problem, volunteer

SCHEMA = json.loads(schema_text())
VALIDATOR = Draft202012Validator(SCHEMA)
DEFS = SCHEMA["$defs"]


def refusal(data: Any) -> str:
    with pytest.raises(ProblemError) as refused:
        read(json.dumps(data))
    return str(refused.value)


def refuses(data: Any) -> bool:
    try:
        read(json.dumps(data))
    except ProblemError:
        return True
    return False


def test_the_schema_is_a_sound_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        (OrderSpec, DEFS["order"]),
        (VolunteerSpec, DEFS["volunteer"]),
        (Commitment, DEFS["commitment"]),
        (Weights, DEFS["weights"]),
        (Problem, SCHEMA),
    ],
)
def test_the_schema_has_every_field_with_its_type_and_default(kind: Any, definition: dict[str, Any]) -> None:
    around = {"version", "mode", "weights", "seed"} if kind is Problem else set()
    assert set(definition["properties"]) - around == {field.name for field in fields(kind)}
    assert definition["additionalProperties"] is False
    assert definition["required"] == [field.name for field in fields(kind) if field.default is MISSING]
    hints = get_type_hints(kind)
    for field in fields(kind):
        described = definition["properties"][field.name]
        if field.default is not MISSING:
            plain = list(field.default) if isinstance(field.default, frozenset | tuple) else field.default
            assert described["default"] == plain, field.name
        if hints[field.name] in NAMES:
            assert types_of(described) == NAMES[hints[field.name]], field.name


NAMES = {
    int: {"integer"},
    float: {"number"},
    bool: {"boolean"},
    int | None: {"integer", "null"},
    str | None: {"string", "null"},
    frozenset[str]: {"array"},
}


def types_of(described: dict[str, Any]) -> set[str]:
    if "$ref" in described:
        described = DEFS[described["$ref"].rpartition("/")[2]]
    named = described["type"]
    return {named} if isinstance(named, str) else set(named)


def test_the_schemas_numbers_end_where_the_readers_do() -> None:
    """Every limit in the schema is the last value that is read, and the next is refused."""
    found = 0
    for path, described in numbers():
        for edge, step in (("minimum", -1), ("maximum", 1)):
            beyond = example()
            put(beyond, path, described[edge] + step)
            assert refuses(beyond), (path, edge)
            said = refusal(beyond)
            assert "is not between" in said or "must be" in said, said
            within = example()
            put(within, path, described[edge])
            try:
                read(json.dumps(within))
            except ProblemError as other:
                assert "is not between" not in str(other), (path, edge)
            found += 1
    assert found > 40


def numbers() -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Path in example() and description of every limited number."""
    places = {
        (): SCHEMA, ("weights",): DEFS["weights"], ("orders", 0): DEFS["order"], ("volunteers", 0): DEFS["volunteer"],
        ("volunteers", 0, "commitments", 0): DEFS["commitment"],
    }  # fmt: skip
    return [
        ((*path, name), described)
        for path, definition in places.items()
        for name, described in definition["properties"].items()
        if "minimum" in described
    ]


def example() -> dict[str, Any]:
    busy = volunteer(commitments=(Commitment(5, 6, 30, 120),), availability=((1, 9),))
    return Document(problem([order()], [busy])).to_dict()


def put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def test_the_schema_knows_the_limits_on_rows_and_the_modes() -> None:
    rows = {name: SCHEMA["properties"][name]["maxItems"] for name in ("orders", "volunteers")}
    assert rows == {"orders": Limits().orders, "volunteers": Limits().volunteers}
    assert SCHEMA["properties"]["mode"]["enum"] == list(MODES)


@pytest.mark.parametrize("made", [generate.problem(30, 40, 1, work=0.3, bans=1.0), generate.day(20, 20, 2, 0.2)])
def test_made_up_cities_pass_the_schema(made: Problem) -> None:
    VALIDATOR.validate(Document(made).to_dict())


@settings(max_examples=40, deadline=None)
@given(cities())
def test_sound_problems_pass_the_schema_and_the_reader(city: Problem) -> None:
    data = Document(city).to_dict()
    VALIDATOR.validate(data)
    assert not refuses(data)


odd = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.text(max_size=3), st.just([]),
    st.just({}), st.just({"v1": "own"}), st.just([["v1", "own"]]), st.just([[1, 2]]), st.just([[2, 1]]),
    st.just([[1, 2, 3]]), st.just(["a", ""]), st.just([None]), st.just([["a", None]]), st.just(["a", "a"]),
)  # fmt: skip


def reached(data: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path; None where an earlier change cut it off."""
    try:
        for step in path:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return None
    return data


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses_too(data: st.DataObject) -> None:
    """One or two fields of a sound document changed, dropped or added."""
    changed = example()
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from([(), ("weights",), ("orders", 0), ("volunteers", 0)]))
        target = reached(changed, path)
        if isinstance(target, dict):
            name = data.draw(st.sampled_from([*sorted(target), "luck"]))
            if data.draw(st.integers(0, 4)):
                target[name] = data.draw(odd)
            else:
                target.pop(name, None)
    if not VALIDATOR.is_valid(changed):
        assert refuses(changed)


# ---------- docs/problem.md ----------

GUIDE = (Path(__file__).parents[2] / "docs" / "problem.md").read_text(encoding="utf-8")


def test_the_example_of_the_guide_is_solved_as_it_says() -> None:
    text = GUIDE.split("```json\n")[1].split("```")[0]
    VALIDATOR.validate(json.loads(text))
    given = read(text)
    plan = solve(given.problem, given.weights, seed=given.seed)
    asked = {(one.order, one.volunteer) for one in plan.proposals}
    assert asked == {("dog", "chen"), ("wardrobe", "lin"), ("wardrobe", "wu")}
    assert (plan.unplaced, plan.certificate) == ((), "optimal")
    assert violations(given.problem, plan) == []


def test_the_guide_tells_every_field_rule_and_weight_with_its_default() -> None:
    for definition in (SCHEMA, DEFS["order"], DEFS["volunteer"], DEFS["weights"]):
        for name, described in definition["properties"].items():
            rows = [row for row in GUIDE.splitlines() if row.startswith("|") and f"`{name}`" in row.split("|")[1]]
            assert rows, name
            default = described.get("default")
            if isinstance(default, int | float) and not isinstance(default, bool):
                assert any(f"| {default:g} |" in row or f"| {default} |" in row for row in rows), name
    for rule in RULE_NAMES:
        assert f"| `{rule}` |" in GUIDE
    for field in fields(Plan):
        assert f"`{field.name}`" in GUIDE
    for cause in CAUSES["en"]:
        assert f"`{cause}" in GUIDE
    for mode, (speed, delay) in TRAVEL.items():
        assert f"| `{mode}` | {speed} | {delay} |" in GUIDE
