"""flask setup | serve | tick | vendor | seed | dispatch … | simulate | what-if | smoke: what terminals do."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.audit.commands import audit_commands
from app.backups.commands import backup_command, drill_command, restore_command
from app.config import ROOT
from app.demo.commands import seed_command
from app.demo.seed import is_empty
from app.dispatching.commands import dispatch_commands, simulate_command, tick_command, what_if_command
from app.integrity.commands import doctor_command
from app.people import first_run
from app.privacy.commands import privacy_commands
from app.privacy.key_commands import key_commands
from app.serve import serve_command
from app.smoke.command import smoke_command
from app.vendor import missing, vendor_command


def init_app(app: Flask) -> None:
    for one in (
        setup,
        audit_commands,
        backup_command,
        restore_command,
        drill_command,
        key_commands,
        privacy_commands,
        vendor_command,
        seed_command,
        serve_command,
        tick_command,
        dispatch_commands,
        simulate_command,
        what_if_command,
        doctor_command,
        smoke_command,
    ):
        app.cli.add_command(one)


@click.command()
@click.pass_context
@click.option("--city", type=click.Choice(["hangzhou", "tiny", "none"]), default="hangzhou", show_default=True)
@with_appcontext
def setup(context: click.Context, city: str) -> None:
    """Bring the database up to date and, where it is empty, fill it with the demo city."""
    current_app.config["LINLI"].instance.mkdir(parents=True, exist_ok=True)
    upgrade(directory=str(ROOT / "migrations"))
    if city != "none" and is_empty():
        if current_app.config["LINLI"].in_production:
            raise click.UsageError("no made-up city in production: flask --app wsgi setup --city none")
        context.invoke(seed_command, city=city)
    if city == "none":
        _print_first_run_token()
    if missing():
        click.echo("Browser libraries are missing, so pages will not be live: flask --app wsgi vendor", err=True)


def _print_first_run_token() -> None:
    """On a site without any office: what its first administrator begins with."""
    token = first_run.new_token()
    if token:
        click.echo(f"Open /first-run within 30 minutes and give this token, which works once: {token}")
