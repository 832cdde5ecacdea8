"""python -m dispatch: what goes in, what comes out, where, and with which exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dispatch import Problem, solve
from dispatch.cli import main
from dispatch.document import Document, dump, read, read_plan
from tests.dispatch.makers import order, problem, volunteer

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]
BARE = """
import sys
for name in ("app", "flask", "jsonschema", "models", "numba", "scipy", "sqlalchemy"):
    sys.modules[name] = None
sys.path.insert(0, {root!r})
from dispatch.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def one(*arguments: Any) -> tuple[int, str, str]:
        code = main([str(part) for part in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


@pytest.fixture
def town(tmp_path: Path) -> tuple[Path, Path]:
    """A problem with an order nobody can serve, and its plan."""
    given = problem([order(), order("o2", skills={"law"})], [volunteer(), volunteer("v2", radius_m=0, lat=30.3)])
    (tmp_path / "problem.json").write_text(dump(Document(given).to_dict()))
    (tmp_path / "plan.json").write_text(dump(solve(given).to_dict()))
    return tmp_path / "problem.json", tmp_path / "plan.json"


def test_solve_writes_the_plan_to_stdout_and_a_summary_to_stderr(run: Run, town: tuple[Path, Path]) -> None:
    code, out, err = run("solve", town[0])
    assert code == 0
    assert read_plan(out).digest() == read_plan(town[1].read_text()).digest()
    assert "filled     1 of 2 positions by 1 of 2 volunteers" in err
    assert "open       1 positions of 1 orders" in err
    for word in ("objective", "certified  optimal", "seconds", "seed 0"):
        assert word in err


def test_solve_writes_a_file_when_asked_and_nothing_to_stdout(run: Run, town: tuple[Path, Path]) -> None:
    target = town[0].with_name("out.json")
    code, out, _ = run("solve", town[0], "--out", target, "--seed", 9)
    assert (code, out) == (0, "")
    assert read_plan(target.read_text()).seed == 9


def test_solve_takes_mode_and_seed_from_the_problem_unless_told(run: Run, town: tuple[Path, Path]) -> None:
    given = replace(read(town[0].read_text()), seed=7)
    town[0].write_text(dump(given.to_dict()))
    assert read_plan(run("solve", town[0])[1]).seed == 7
    assert read_plan(run("solve", town[0], "--seed", 8)[1]).seed == 8
    assert read_plan(run("solve", town[0], "--method", "greedy")[1]).solver == "greedy"


def test_check_is_quiet_about_a_sound_plan(run: Run, town: tuple[Path, Path]) -> None:
    assert run("check", *town) == (0, "", "sound\n")


def test_check_lists_what_is_wrong_and_leaves_with_one(run: Run, town: tuple[Path, Path]) -> None:
    plan = json.loads(town[1].read_text())
    plan["proposals"][0]["start"] += 60
    town[1].write_text(json.dumps(plan))
    code, out, err = run("check", *town)
    assert code == 1
    assert "starts at" in out
    assert err == f"{len(out.splitlines())} violations\n"


def test_explain_says_the_plan_in_words(run: Run, town: tuple[Path, Path]) -> None:
    code, out, _ = run("explain", *town, "--lang", "en")
    assert code == 0
    assert "o1 → v1" in out
    assert "lack a skill needed 2" in out
    assert "没有所需技能 2" in run("explain", *town, "--order", "o2")[1]
    assert "o2" not in run("explain", *town, "--order", "o1", "--lang", "en")[1]


def test_explain_says_what_speaks_against_a_pair(run: Run, town: tuple[Path, Path]) -> None:
    out = run("explain", *town, "--order", "o2", "--volunteer", "v1", "--lang", "en")[1]
    assert "lack a skill needed" in out


def test_explain_says_why_somebody_is_asked_for_nothing(run: Run, town: tuple[Path, Path]) -> None:
    out = run("explain", *town, "--volunteer", "v2", "--lang", "en", "--reader", "volunteer")[1]
    assert "o1 ✗ v2" in out and "o2 ✗ v2" in out
    assert "v1" not in out


def test_explain_says_what_would_fill_an_open_order_when_asked_about_it(run: Run, town: tuple[Path, Path]) -> None:
    asked = run("explain", *town, "--order", "o2", "--lang", "en")[1].splitlines()
    everything = run("explain", *town, "--lang", "en")[1].splitlines()
    assert any("law" in line for line in set(asked) - set(everything))


def test_a_day_plan_is_solved_checked_and_explained(run: Run, tmp_path: Path) -> None:
    city, plan = tmp_path / "city.json", tmp_path / "plan.json"
    run("generate", "--orders", 8, "--volunteers", 6, "--seed", 2, "--day", "--out", city)
    code, _, err = run("solve", city, "--out", plan)
    assert (code, err.splitlines()[0].split()[0]) == (0, "day")
    made = read_plan(plan.read_text())
    assert made.mode == "day" and made.routes
    assert run("check", city, plan)[0] == 0
    assert f"{made.proposals[0].order} → {made.proposals[0].volunteer}" in run("explain", city, plan)[1]
    assert made.unplaced[0].order in run("explain", city, plan, "--reader", "resident")[1]
    pair = ("--order", made.unplaced[0].order, "--volunteer", "v0000000")
    assert "✗" in run("explain", city, plan, *pair)[1]
    assert run("solve", city, "--mode", "instant")[2].startswith("instant plan")


def test_explain_refuses_a_plan_of_another_problem(run: Run, town: tuple[Path, Path]) -> None:
    plan = json.loads(town[1].read_text())
    plan["proposals"][0]["volunteer"] = "v9"
    town[1].write_text(json.dumps(plan))
    code, out, err = run("explain", *town)
    assert (code, out) == (2, "")
    assert err.endswith(f"is no sound plan for {town[0]}: see check\n")


def test_explain_tells_a_resident_nothing_about_others(run: Run, town: tuple[Path, Path]) -> None:
    out = run("explain", *town, "--reader", "resident", "--lang", "en")[1]
    assert "No suitable volunteer found yet" in out
    assert "skill needed" not in out


@pytest.mark.parametrize("extra", [[], ["--day"], ["--day", "--meetings", "0.5"], ["--work", "0.3", "--bans", "0.5"]])
def test_a_generated_city_goes_straight_into_solve(run: Run, tmp_path: Path, extra: list[str]) -> None:
    code, out, _ = run("generate", "--orders", 8, "--volunteers", 12, "--seed", 4, *extra)
    assert code == 0
    made = read(out)
    assert (len(made.problem.orders), len(made.problem.volunteers), made.seed) == (8, 12, 4)
    assert made.mode == ("day" if extra[:1] == ["--day"] else "instant")
    (tmp_path / "city.json").write_text(out)
    (tmp_path / "plan.json").write_text(run("solve", tmp_path / "city.json")[1])
    assert run("check", tmp_path / "city.json", tmp_path / "plan.json")[0] == 0


def test_schema_prints_the_schema(run: Run) -> None:
    assert json.loads(run("schema")[1])["title"] == "Dispatch problem"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["solve", "missing.json"], "dispatch: missing.json: No such file or directory\n"),
        (["solve", "{problem}", "--out", "no/where.json"], "dispatch: no/where.json: No such file or directory\n"),
        (["check", "-", "-"], "dispatch: only one of problem and plan can come from standard input\n"),
        (["explain", "{problem}", "{plan}", "--order", "o9"], "dispatch: no order 'o9' in {problem}\n"),
        (["explain", "{problem}", "{plan}", "--volunteer", "v9"], "dispatch: no volunteer 'v9' in {problem}\n"),
        (["check", "{problem}", "{problem}"], "dispatch: {problem}: version: is not a known field\n"),
        (["solve", "{plan}"], "dispatch: {plan}: proposals: is not a known field\n"),
        (["generate", "--orders", "1", "--volunteers", "1", "--meetings", "0.1"], "dispatch: --meetings goes with"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(
    run: Run, town: tuple[Path, Path], arguments: list[str], said: str
) -> None:
    names = {"problem": str(town[0]), "plan": str(town[1])}
    code, out, err = run(*(part.format(**names) for part in arguments))
    assert (code, out) == (2, "")
    assert err.startswith(said.format(**names))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["solve", "x", "--seconds", "soon"], "'soon' is not a number"),
        (["solve", "x", "--seconds", "-1"], "-1 is not between 0 and 86400"),
        (["solve", "x", "--seconds", "nan"], "nan is not between 0 and 86400"),
        (["solve", "x", "--seed", "-1"], "-1 is not between 0 and"),
        (["generate", "--orders", "1", "--volunteers", "1", "--days", "0"], "0 is not between 1 and 31"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_command_leaves_with_two(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "python -m dispatch solve problem.json" in capsys.readouterr().out


def test_a_stranger_needs_only_the_package_numpy_and_ortools(tmp_path: Path) -> None:
    """From another folder, without our app and without what is optional."""

    def alone(arguments: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", BARE.format(root=str(ROOT)), *arguments]
        return subprocess.run(command, input=text, capture_output=True, text=True, cwd=tmp_path, check=False)

    city = alone(["generate", "--orders", "6", "--volunteers", "9", "--seed", "1", "--out", "city.json"])
    assert (city.returncode, city.stdout) == (0, ""), city.stderr
    plan = alone(["solve", "-"], (tmp_path / "city.json").read_text())
    assert plan.returncode == 0, plan.stderr
    checked = alone(["check", "city.json", "-"], plan.stdout)
    assert (checked.returncode, checked.stderr) == (0, "sound\n")


def test_it_runs_as_a_module_and_stops_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dispatch", "generate", "--orders", "300", "--volunteers", "300"]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=surroundings
    ) as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        said = program.stderr.read()
    assert (program.returncode, said) == (0, b"")


def test_the_document_of_a_problem_is_the_problem(town: tuple[Path, Path]) -> None:
    assert isinstance(read(town[0].read_bytes()).problem, Problem)
