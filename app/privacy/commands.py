"""flask privacy erase | hold | reapply | retention | scrub."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.kernel.access import SYSTEM
from app.kernel.errors import DomainError
from app.privacy import erased_list, erasure, retention
from app.privacy.persons import find
from app.privacy.scrubbing import scrub

privacy_commands = AppGroup("privacy", help="Being forgotten, and what is kept how long.")


@privacy_commands.command("erase")
@click.argument("subject_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(subject_id: str, yes: bool) -> None:
    """Erase a person now, by the id of their account, or of the resident or volunteer. It cannot be undone."""
    who = find(subject_id)
    if who is None:
        raise click.ClickException("nobody has this id")
    if not yes:
        click.confirm(f"Erase {who.pseudonym} for ever?", abort=True)
    try:
        erasure.erase(who.subject_id)
    except DomainError as refused:
        raise click.ClickException(str(refused.detail)) from refused
    click.echo(f"erased; {erased_list.path()} remembers it for restores")


@privacy_commands.command("hold")
@click.argument("subject_id")
@click.option("--reason", help="Keep this person's data for now, for this reason in law; without it the hold ends.")
def hold(subject_id: str, reason: str | None) -> None:
    """Put a legal hold on a person, or end it."""
    try:
        if reason:
            erasure.hold(subject_id, reason, actor=SYSTEM)
        else:
            erasure.lift(subject_id, actor=SYSTEM)
    except DomainError as refused:
        raise click.ClickException(str(refused.detail)) from refused
    click.echo("held" if reason else "no longer held")


@privacy_commands.command("reapply")
def reapply() -> None:
    """After a restore: erase everybody again who is on the list of erasures. Doing it twice is harmless."""
    if not erased_list.is_there():
        raise click.ClickException(
            f"there is no list of erasures at {erased_list.path()}: bring it from where it is kept"
        )
    done = erasure.reapply()
    scrub()
    click.echo(f"{done} of {len(erased_list.read())} people on the list were there and are erased again")


@privacy_commands.command("retention")
@click.option("--dry-run", is_flag=True, help="Only count.")
def clear(dry_run: bool) -> None:
    """Clear away what is over its time. Every night does the same."""
    for name, number in retention.run(dry_run=dry_run).items():
        click.echo(f"{name:12}{number}")


@privacy_commands.command("scrub")
def clean() -> None:
    """Rewrite the database's file (SQLite) or vacuum its tables, so that nothing deleted is left in it."""
    if not scrub():
        raise click.ClickException("the database is busy; try again, or wait for the night")
