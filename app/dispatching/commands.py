"""flask dispatch run | replay RUN, and flask tick: what of 派单 is done from a terminal."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

import click
from flask import current_app

from app.connections.courier import Courier
from app.dispatching import scheduler, timers
from app.dispatching.replay import NothingToReplay
from app.dispatching.replay import replay as ask_again
from app.dispatching.runs import run_all
from app.dispatching.solver import solver
from models import DispatchRun, db


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
