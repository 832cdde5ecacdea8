"""flask keys list | rotate | retire | export: the master keys of personal data."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.config import Settings
from app.kernel import keyring as kept
from app.privacy import rotation
from models.keyring import keyring

key_commands = AppGroup("keys", help="The master keys under which personal data are sealed.")


def _settings() -> Settings:
    found: Settings = current_app.config["LINLI"]
    return found


@key_commands.command("list")
def list_keys() -> None:
    """Which master keys there are and how many people's data keys each wraps. Never the keys themselves."""
    ring, used = keyring(), rotation.in_use()
    for version in ring.keys:
        note = "current" if version == ring.current else "old"
        click.echo(f"{version}  {note:8}{used.pop(version, 0)} people")
    for version, number in sorted(used.items()):
        click.echo(f"{version}  MISSING {number} people: their data cannot be read", err=True)
    if used:
        raise click.exceptions.Exit(1)


@key_commands.command("rotate")
def rotate() -> None:
    """Make a new master key and wrap everybody's data key with it; or go on with a rotation that was cut short."""
    ring, settings = keyring(), _settings()
    pending = set(rotation.in_use()) - {ring.current}
    if not pending and settings.data_keys:
        click.echo("The keys come from DATA_KEYS. Set it to this everywhere, restart everything, rotate again:")
        click.echo(ring.with_new().text())
        return
    if not pending:
        kept.keep(ring.with_new(), settings)
    click.echo(f"{sum(rotation.rewrap())} data keys wrapped with {keyring().current}")
    click.echo(f"{sum(rotation.reindex())} phone numbers indexed with {keyring().current}")
    click.echo("Older keys still open older backups: keep them with those, then: flask --app wsgi keys retire VERSION")


@key_commands.command("retire")
@click.argument("version")
def retire(version: str) -> None:
    """Take an old master key out of the key file. Backups made under it need their own copy of it."""
    ring, settings = keyring(), _settings()
    if version not in ring.keys or version == ring.current:
        raise click.ClickException(f"{version} is no old key; there are: {', '.join(ring.keys)}")
    if number := rotation.in_use().get(version):
        raise click.ClickException(f"{version} still wraps the keys of {number} people: flask --app wsgi keys rotate")
    for _done in rotation.reindex():  # a rotation cut short may have left numbers under the old key
        pass
    if settings.data_keys:
        raise click.ClickException(f"take {version} out of DATA_KEYS and restart everything")
    kept.keep(ring.without(version), settings)
    click.echo(f"{version} is gone")


@key_commands.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the master keys to a new file, to be kept apart from every backup. Without them the data are lost."""
    try:
        kept.write_private(file, keyring().text() + "\n")
    except FileExistsError as error:
        raise click.ClickException(f"{file} is there already") from error
    click.echo(f"{', '.join(keyring().keys)} written to {file}: whoever has it and a backup can read everything")
