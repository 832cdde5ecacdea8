"""The JSON form: strict, kind about what is wrong, and the schema says the same as the reader."""

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
)  # fmt: skip
from dispatch.cli import schema_text
from dispatch.document import Document, Limits, dump, read, read_plan
from dispatch.engine import MODES
from tests.dispatch.makers import cities, order, problem, volunteer

SCHEMA = json.loads(schema_text())
VALIDATOR = Draft202012Validator(SCHEMA)
DEFS = SCHEMA["$defs"]


def refusal(text: str | bytes, reader: Any = read, **limits: int) -> str:
    with pytest.raises(ProblemError) as refused:
        reader(text, Limits(**limits))
    return str(refused.value)


def refuses(data: Any) -> bool:
    try:
        read(json.dumps(data))
    except ProblemError:
        return True
    return False


def small() -> dict[str, Any]:
    return Document(problem()).to_dict()


@settings(max_examples=40, deadline=None)
@given(cities(), st.sampled_from(MODES), st.integers(0, 9))
def test_a_document_survives_json_and_its_text_does_not_depend_on_the_order_of_the_rows(
    city: Problem, mode: str, seed: int
) -> None:
    made = Document(city, mode, Weights(fairness=seed), seed)
    text = dump(made.to_dict())
    assert read(text) == made
    turned = made.to_dict() | {name: made.to_dict()[name][::-1] for name in ("orders", "volunteers")}
    assert dump(read(json.dumps(turned)).to_dict()) == text


def test_only_three_fields_are_needed() -> None:
    made = read('{"now": 5, "orders": [], "volunteers": []}')
    assert made == Document(Problem(5, (), ()), "instant", Weights(), 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"now": 1,\n "orders": [}', "line 2 column 13: is not JSON: Expecting value"),
        ("", "line 1 column 1: is not JSON: Expecting value"),
        (b'{"now": "\xff"}', "byte 9: is not UTF-8"),
        ("[1]", "problem: must be an object"),
        ('{"now": 1, "now": 2}', "now: is given twice in one object"),
        ("[" * 100_000, "document: is nested too deeply"),
        ('{"now": 1' + "0" * 5000 + "}", "document: has a number with too many digits"),
        ('{"now": 1, "volunteers": []}', "orders: is missing"),
        ('{"now": 1, "volunteers": [], "orders": [], "luck": 1}', "luck: is not a known field"),
    ],
)
def test_a_text_that_is_no_document_is_refused_by_place_and_reason(text: str | bytes, said: str) -> None:
    assert refusal(text).startswith(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version: 2 is not between 1 and 1"),
        ({"version": "1"}, "version: must be a whole number, not '1'"),
        ({"mode": "week"}, "mode: must be one of instant, day, not 'week'"),
        ({"mode": ["day"]}, "mode: must be one of instant, day, not ['day']"),
        ({"seed": -1}, "seed: -1 is not between 0 and"),
        ({"weights": 3}, "weights: must be an object"),
        ({"weights": {"luck": 1}}, "weights.luck: is not a known weight"),
        ({"weights": {"answer": 1.5}}, "weights.answer: must be a whole number, not 1.5"),
        ({"orders": 3}, "orders: must be a list"),
        ({"now": None}, "now: must be a whole number, not None"),
    ],
)
def test_a_wrong_field_of_the_document_is_refused(change: dict[str, Any], said: str) -> None:
    assert refusal(json.dumps(small() | change)).startswith(said)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("lat", float("nan"), "orders[0].lat: must be a number, not nan"),
        ("lon", float("inf"), "orders[0].lon: must be a number, not inf"),
        ("lat", 10**400, "orders[0].lat: must be a number, not 1000"),
        ("lat", True, "orders[0].lat: must be a number, not True"),
        ("skills", [["a"]], "orders[0].skills: must be a set of words, not [['a']]"),
        ("skills", "law", "orders[0].skills: must be a set of words, not 'law'"),
        ("excluded", [["v1", "own"], ["v2", 3]], "orders[0].excluded[1]: must be a volunteer id and why"),
        ("excluded", [["v1", ["own"]]], "orders[0].excluded[0]: must be a volunteer id and why"),
        ("id", "\ud800", "orders[0].id: must be text that can be written down"),
        ("office", "\udfff", "orders[0].office: must be text"),
        ("duration", 3600.0, "orders[0].duration: must be a whole number, not 3600.0"),
    ],
)
def test_a_wrong_value_in_a_row_is_refused_by_path(field: str, value: Any, said: str) -> None:
    data = small()
    data["orders"][0][field] = value
    assert refusal(json.dumps(data)).startswith(said)


def test_a_refusal_is_short_however_long_the_value() -> None:
    assert len(refusal(json.dumps(small() | {"now": "x" * 100_000}))) < 400


def test_too_much_is_refused_before_it_is_looked_at() -> None:
    text = dump(small())
    assert refusal(text, bytes=10).endswith(" bytes, more than the limit of 10")
    assert refusal(text, orders=0) == "orders: has 1 rows, more than the limit of 0"
    assert refusal(text, volunteers=0) == "volunteers: has 1 rows, more than the limit of 0"


def test_a_plan_survives_json() -> None:
    made = solve(problem([order(), order("o2", positions=2)]))
    assert read_plan(dump(made.to_dict())) == made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: plan.pop("objective"), "objective: is missing"),
        (lambda plan: plan.update(luck=1), "luck: is not a known field"),
        (lambda plan: plan.update(proposals={}), "proposals: must be a list, not {}"),
        (lambda plan: plan["proposals"].append(1), "proposals[1]: must be an object, not 1"),
        (lambda plan: plan["proposals"][0].pop("start"), "proposals[0].start: is missing"),
        (lambda plan: plan["proposals"][0].update(start=1.5), "proposals[0].start: must be a whole number, not 1.5"),
        (lambda plan: plan["proposals"][0].update(start=True), "proposals[0].start: must be a whole number, not True"),
        (lambda plan: plan["proposals"][0].update(reasons=[1]), "proposals[0].reasons[0]: must be text, not 1"),
        (lambda plan: plan["proposals"][0]["terms"].update(travel="far"), "proposals[0].terms.travel: must be a whole"),
        (lambda plan: plan["weights"].pop("answer"), "weights.answer: is missing"),
        (lambda plan: plan["weights"].update(answer=-1), "weights.answer: -1 is not between 0 and"),
        (lambda plan: plan["stats"].pop("unfilled_weight"), "stats.unfilled_weight: is missing"),
        (lambda plan: plan.update(gap="none"), "gap: must be a number, not 'none'"),
        (lambda plan: plan.update(gap=float("nan")), "gap: must be a number, not nan"),
        (lambda plan: plan.update(mode="week"), "mode: must be one of instant, day, not 'week'"),
    ],
)
def test_a_foreign_plan_is_refused_by_path_and_reason(change: Any, said: str) -> None:
    plan = solve(problem()).to_dict()
    change(plan)
    assert refusal(json.dumps(plan), read_plan).startswith(said)


def test_a_plan_of_an_older_engine_is_read_where_its_fields_have_defaults() -> None:
    plan = solve(problem()).to_dict()
    for name in ("mode", "bound", "gap", "routes"):
        del plan[name]
    assert isinstance(read_plan(json.dumps(plan)), Plan)


# ---------- the schema ----------


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
            said = refusal(json.dumps(beyond))
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


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses_too(data: st.DataObject) -> None:
    """One or two fields of a sound document changed, dropped or added."""
    changed = example()
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from([(), ("weights",), ("orders", 0), ("volunteers", 0)]))
        target: Any = changed
        for step in path:
            target = target[step] if isinstance(target, dict | list) and target else {}
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
    for mode, (speed, delay) in TRAVEL.items():
        assert f"| `{mode}` | {speed} | {delay} |" in GUIDE
