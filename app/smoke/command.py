"""The command `flask smoke`: one JSON line about one pass through the loop."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext

import click

from app.demo import accounts
from app.smoke import server
from app.smoke.failing import Failed
from app.smoke.loop import Login, Loop

BAR_SECONDS = 2.0


def _login(default: accounts.DemoAccount, given: str | None) -> Login:
    phone, _, password = (given or f"{default.phone}:{default.password}").partition(":")
    return Login(phone, password)


@click.command("smoke")
@click.option("--url", help="A running server; without it, one is started for this run and stopped afterwards.")
@click.option("--city", default="hangzhou", show_default=True, help="The made-up city of the server started here.")
@click.option("--bar", default=BAR_SECONDS, show_default=True, help="Most seconds from order to offer.")
@click.option("--resident", metavar="PHONE:PASSWORD", help="Default: the demo account.")
@click.option("--volunteer", metavar="PHONE:PASSWORD", help="Default: the demo account.")
@click.option("--coordinator", metavar="PHONE:PASSWORD", help="Default: the demo account.")
def smoke_command(
    url: str | None, city: str, bar: float, resident: str | None, volunteer: str | None, coordinator: str | None
) -> None:
    """Go through the whole loop as three users: one JSON line, and exit status 1 where anything is amiss."""
    found: dict[str, object] = {}
    try:
        with nullcontext(url) if url else server.running(city, lambda words: click.echo(words, err=True)) as address:
            loop = Loop(
                address, found, _login(accounts.RESIDENT, resident), _login(accounts.VOLUNTEER, volunteer),
                _login(accounts.STATION, coordinator),
            )  # fmt: skip
            loop.run()
        seconds = float(str(found["order_to_offer_seconds"]))
        if seconds > bar:
            raise Failed("order to offer", f"{seconds} s, the bar is {bar} s")
    except Failed as failure:
        found |= {"closed": found.get("closed", False), "failed": failure.step, "why": failure.what}
    click.echo(json.dumps(found, ensure_ascii=False))
    sys.exit(1 if "failed" in found else 0)
