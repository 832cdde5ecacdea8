"""flask dispatch run | replay RUN, tick, simulate, what-if: what of 派单 is done from a terminal."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from app.connections.courier import Courier
from app.dispatching import scheduler, timers
from app.dispatching.replay import NothingToReplay
from app.dispatching.replay import replay as ask_again
from app.dispatching.runs import run_all
from app.dispatching.solver import solver
from models import DispatchRun, Office, db


@click.group("dispatch")
def dispatch_commands() -> None:
    """Dispatch runs: make one now, or ask an old question again."""


@dispatch_commands.command()
def run() -> None:
    """Dispatch all waiting orders now."""
    runs = run_all("command")
    solver().stop()
    if not runs:
        click.echo("nothing is waiting, or another run is under way")
    for one in runs:
        said = f" (degraded: {one.degraded})" if one.degraded else ""
        click.echo(f"{one.id} {one.status} {one.solver}{said} {one.counts} {one.error}".rstrip())
    if any(one.error for one in runs):
        sys.exit(1)


@dispatch_commands.command()
@click.argument("run_id", metavar="RUN")
def replay(run_id: str) -> None:
    """Solve a stored run again; exit code 1 and the first difference when the plan is not identical."""
    row = db.session.get(DispatchRun, run_id)
    if row is None:
        raise click.ClickException(f"there is no run {run_id}")
    try:
        again = ask_again(row)
    except NothingToReplay as nothing:
        raise click.ClickException(str(nothing)) from nothing
    for change in again.changed:
        click.secho(f"warning: other versions: {change}", fg="yellow", err=True)
    if again.difference is not None:
        click.secho(f"NOT IDENTICAL: {again.difference}", fg="red", bold=True, err=True)
        sys.exit(1)
    for violation in again.violations:
        click.secho(f"violation: {violation}", fg="red", err=True)
    click.echo(f"identical {again.digest}")
    if again.violations:
        sys.exit(1)


@click.command("tick")
@click.option("--once", is_flag=True, help="Do what is due now, dispatch once, and end.")
def tick_command(once: bool) -> None:
    """Tick, dispatch and carry letters in a process of its own, for servers with several web processes."""
    if once:
        timers.tick()
        run_all("tick")
        solver().stop()
        courier = Courier(current_app._get_current_object())  # type: ignore[attr-defined]  # the app behind the proxy
        courier.work()
        courier.stop()
        return
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    app: Any = current_app
    clockwork = scheduler.start(app._get_current_object())
    click.echo("ticking; stop with Ctrl-C")
    over.wait()
    clockwork.stop()
    solver().stop()


@click.command("simulate")
@click.option("--seeds", default=20, show_default=True, help="Made-up cities.")
@click.option("--acceptance", type=float, help="Share of offers people would say yes to.")
@click.option("--volunteers", type=int)
@click.option("--orders", type=int, help="Orders a week.")
@click.option("--weeks", type=int)
@click.option("--policy", "policies", multiple=True, help="Only these; again for each.")
@click.option("--tune/--no-tune", default=True, show_default=True, help="Look for every policy's best setting first.")
@click.option("--processes", default=1, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for the table, CSV and plot.")
def simulate_command(policies: tuple[str, ...], **given: Any) -> None:
    """Play weeks of offers in made-up cities: six ways of asking, the same luck for all."""
    from dispatch.simulate import cli  # its plots and tables are nobody's business while serving

    try:
        click.echo(cli.run(policies=policies, told=lambda words: click.echo(words, err=True), **given))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.command("what-if")
@click.argument("office_name", metavar="OFFICE")
@click.option("--volunteers", type=click.IntRange(1, 200), help="So many more people at the office's own place.")
@click.option("--by", "mode", default="ebike", show_default=True, type=click.Choice(["walk", "bike", "ebike", "car"]))
@click.option("--answer", "minutes", type=click.FloatRange(1, 10_000), help="Offers stand so many minutes.")
@click.option("--urgency", default="normal", show_default=True, type=click.Choice(["urgent", "normal", "planned"]))
@click.option("--weeks", default=4, show_default=True, type=click.IntRange(1, 26))
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(2, 200))
def what_if_command(
    office_name: str, volunteers: int | None, mode: str, minutes: float | None, urgency: str, weeks: int, seeds: int
) -> None:
    """Play an office's own recent weeks as they were, and with more people or another time to answer."""
    office = db.session.scalar(select(Office).where((Office.name == office_name) | (Office.id == office_name)).limit(1))
    if office is None:
        raise click.UsageError(f"there is no office {office_name}")
    if (volunteers is None) == (minutes is None):
        raise click.UsageError("give --volunteers or --answer")
    from app.dispatching import simulating

    try:
        for line in simulating.compared(
            office, volunteers=volunteers, mode=mode, minutes=minutes, urgency=urgency, weeks=weeks, seeds=seeds
        ):
            click.echo(line)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
