"""flask seed, from a terminal."""

from __future__ import annotations

import sys
import time

import click
from flask import current_app
from flask.cli import with_appcontext

from app.audit import service as audit
from app.demo import accounts
from app.demo.outlines import MissingData
from app.demo.seed import SIZES, AlreadySeeded, is_all_made_up
from app.demo.seed import seed as seed_city


class Ticker:
    """Progress on one line of a terminal; a line every ten percent where the output is a file."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._is_terminal = sys.stdout.isatty()
        self._shown = -10

    def __call__(self, percent: int, what: str) -> None:
        if self._is_terminal:
            click.echo(f"\r\033[K{percent:3d} %  {what}", nl=percent == 100)
        elif percent >= self._shown + 10:
            click.echo(f"{percent:3d} %  {what}  ({time.monotonic() - self._since:.0f} s)")
            self._shown = percent - percent % 10


@click.command("seed")
@click.option("--city", type=click.Choice(sorted(SIZES)), default="hangzhou", show_default=True)
@click.option("--seed", "number", default=7, show_default=True, help="Another number makes up other people.")
@click.option("--fresh", is_flag=True, help="Remove everything first.")
@click.option("--yes", is_flag=True, help="Also in production, also where real accounts would be lost.")
@with_appcontext
def seed_command(city: str, number: int, fresh: bool, yes: bool) -> None:
    """Fill the database with a made-up city: offices, menu, people, a month of orders."""
    settings = current_app.config["LINLI"]
    if settings.in_production and not yes:
        raise click.ClickException("This is production. Made-up people have no place here; --yes if you are sure.")
    if fresh and not yes and not is_all_made_up():
        raise click.ClickException("There are real accounts here, and --fresh removes them all; --yes if you are sure.")
    try:
        seed_city(city, seed=number, progress=Ticker(), instance=settings.instance, fresh=fresh)
    except AlreadySeeded as error:
        raise click.ClickException("There is a city already. `flask seed --fresh` removes it first.") from error
    except MissingData as error:
        raise click.ClickException(str(error)) from error
    if fresh:
        audit.restart({}, "flask seed --fresh")
    _tell_accounts()


def _tell_accounts() -> None:
    click.echo(f"演示账号 / demo accounts, password {accounts.DEMO_PASSWORD}:")
    for account in accounts.DEMO_ACCOUNTS:
        click.echo(f"  {account.phone}  {account.name}  {account.title} / {account.title_en}")
