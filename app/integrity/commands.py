"""flask doctor: everything that can be judged from outside, in plain words."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import with_appcontext

from app.integrity import doctor
from app.integrity.invariants import ELSEWHERE, INVARIANTS


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="The whole report as one JSON object.")
@click.option("--resting", is_flag=True, help="No server works on this database: timers may have run out.")
@click.option("--list", "listed", is_flag=True, help="Only list the invariants and where each is judged.")
@with_appcontext
def doctor_command(as_json: bool, resting: bool, listed: bool) -> None:
    """Look at every setting and every invariant. Exit code 1 when something is wrong."""
    if listed:
        _list()
        return
    report = doctor.examine(ticking=not resting)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        _tell(report)
    sys.exit(0 if report.ok else 1)


def _list() -> None:
    for one in INVARIANTS:
        click.echo(f"{one.number:<3} {one.name:<32} {one.sentence}")
    for other in ELSEWHERE:
        click.echo(f"{other.number:<3} {'(' + ', '.join(other.proven_by) + ')'} {other.sentence}")


def _tell(report: doctor.Report) -> None:
    for check in report.checks:
        word, colour = ("ok", "green") if check.ok else ("low", "yellow") if check.may_fail else ("BAD", "red")
        click.secho(f"{word:<4} {check.name:<12} {check.detail}", fg=None if check.ok else colour)
    for one in INVARIANTS:
        if one.name in report.broken:
            click.secho(f"BAD  {one.name}: it does not hold that: {one.sentence}", fg="red")
            click.echo(f"     {', '.join(report.broken[one.name])}")
    held = len(INVARIANTS) - len(report.broken)
    click.echo(f"{held} of {len(INVARIANTS)} invariants hold; looked at in {report.seconds:.2f} s")
    if not report.ok:
        click.secho("something is wrong: see above, and docs/operations.md", fg="red", bold=True, err=True)
