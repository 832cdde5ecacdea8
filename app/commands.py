"""flask setup | serve | tick | vendor | seed | dispatch … | smoke: what is done from a terminal."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from app.config import ROOT
from app.vendor import vendor_command


def init_app(app: Flask) -> None:
    for one in (setup, vendor_command):
        app.cli.add_command(one)


@click.command()
@click.option(
    "--city", type=click.Choice(["hangzhou", "tiny", "none"]), default="hangzhou", show_default=True
)
def setup(city: str) -> None:
    """Bring the database up to date and, where it is empty, fill it with the demo city."""
    current_app.config["LINLI"].instance.mkdir(parents=True, exist_ok=True)
    upgrade(directory=str(ROOT / "migrations"))
