"""flask backup | restore | drill."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.audit.commands import tell
from app.backups import drilling, manifest, restoring, service
from app.backups.errors import BackupError
from app.backups.manifest import DATABASE
from app.backups.restoring import Outcome

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.option("--to", "target", type=FOLDER, help="Where to; default: BACKUP_FOLDER, else backups/ in the instance.")
@click.option("--list", "listed", is_flag=True, help="Only show which there are.")
@click.option("--prune", is_flag=True, help="Afterwards remove what retention no longer keeps.")
@with_appcontext
def backup_command(target: Path | None, listed: bool, prune: bool) -> None:
    """Copy the database and the photos, whole and of one moment, while everybody goes on working."""
    if listed:
        return _list(target)
    try:
        made = service.backup(target)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    size = sum(path.stat().st_size for path in made.iterdir())
    click.echo(f"{made}  {size / 1e6:.1f} MB")
    for path in service.prune() if prune else ():
        click.echo(f"removed {path.name}")


def _list(target: Path | None) -> None:
    for path in service.all_backups(target):
        size = sum(file.stat().st_size for file in path.iterdir())
        click.echo(f"{path}  {manifest.moment_of(path)}  {size / 1e6:.1f} MB")


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--over", is_flag=True, help="There is a database: put it aside (it is kept) and take its place.")
@click.option("--upgrade", is_flag=True, help="The backup has an older schema: bring it up to date.")
@click.option("--into", help="Another database than the one of DATABASE_URL.")
@click.option("--key", "trusted", multiple=True, help="Also trust backups signed with this public key.")
@click.option("--no-erasures", is_flag=True, help="Go on though the list of erased people is missing or incomplete.")
@with_appcontext
def restore_command(source: Path, trusted: tuple[str, ...], **how: Any) -> None:
    """Put a backup back. Checked whole before anything is touched; damaged, cut or altered ones are refused."""
    try:
        outcome = restoring.restore(source, trusted=trusted, **how)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    _tell(outcome)
    if outcome.before:
        click.echo(f"the database before it is kept as {outcome.before}")
    click.echo("Restored. Everybody signs in again.")
    if not outcome.ok:
        click.echo("The backup already held what is wrong above: see to it before you let people in.", err=True)
        raise SystemExit(1)


@click.command("drill")
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False)
@click.option("--key", "trusted", multiple=True, help="Also trust backups signed with this public key.")
@with_appcontext
def drill_command(source: Path | None, trusted: tuple[str, ...]) -> None:
    """Put the newest backup into a scratch database and check it; say what would be lost and how long it took."""
    try:
        done = drilling.drill(source, trusted=trusted)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    _tell(done.outcome)
    click.echo(f"backup {done.source.name}, {done.outcome.manifest.files[DATABASE]['bytes'] / 1e6:.1f} MB of database")
    click.echo(f"RPO {timedelta(seconds=round(done.age.total_seconds()))} ({done.lost} journal rows written since)")
    click.echo(f"RTO {done.outcome.seconds:.1f} s, checks and all")
    if not done.ok:
        raise SystemExit(1)


def _tell(outcome: Outcome) -> None:
    found = outcome.manifest.snapshot
    click.echo(f"{sum(found.rows.values())} rows in {len(found.rows)} tables, schema {found.schema}")
    if outcome.erased:
        click.echo(f"{outcome.erased} people erased again, as they were after the backup")
    tell(outcome.audit)
    for name, offenders in outcome.broken.items():
        click.echo(f"invariant {name} does not hold: {', '.join(offenders[:5])}")
    if not outcome.broken:
        click.echo("All invariants hold.")
