"""flask audit verify | anchor | export | key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.audit import exporting, service
from app.audit.verifying import Report
from models import Office, db

audit_commands = AppGroup("audit", help="The chain over the journal: verify it, anchor it, export it.")
SHOWN = 50


@audit_commands.command("verify")
@click.option("--key", "keys", multiple=True, help="Trust this public key instead of those of this machine.")
def verify_command(keys: tuple[str, ...]) -> None:
    """Walk every chain and every journal row, and hold the chains against the anchors. Exit code 1 when broken."""
    report = service.check(keys)
    tell(report)
    if not report.ok:
        raise SystemExit(1)


@audit_commands.command("anchor")
def anchor_command() -> None:
    """Verify, then sign the heads of the chains into the book. Copy the book to where this machine cannot write."""
    try:
        line = service.anchor()
    except service.Broken as broken:
        tell(broken.report)
        raise click.ClickException("Nothing was anchored.") from broken
    click.echo(f"anchored {len(line.heads)} heads that moved, in line {line.number} of {service.book().path}")
    click.echo(f"sha256 of that line, short enough to write down: {line.hash}")


@audit_commands.command("export")
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--office", "office_id", help="Only the chain of this office.")
@click.option("--words", is_flag=True, help="With names and words: personal data, for an auditor who may read them.")
def export_command(target: Path, office_id: str | None, words: bool) -> None:
    """Write the chains to a file that deploy/verify_audit.py checks on any machine."""
    if office_id and db.session.get(Office, office_id) is None:
        raise click.ClickException("There is no such office.")
    try:
        with target.open("x", encoding="ascii") as file:
            target.chmod(0o600)
            for line in exporting.lines(office_id, words=words):
                file.write(line + "\n")
    except FileExistsError as error:
        raise click.ClickException(f"{target} is there already.") from error
    click.echo(f"written to {target}; check it with deploy/verify_audit.py")


@audit_commands.command("key")
@click.option("--new", is_flag=True, help="Change over to a new key, which the old one vouches for.")
def key_command(new: bool) -> None:
    """Show the public key that outsiders check signatures with; make one where there is none."""
    key = service.rotate_key() if new else service.key()
    click.echo(f"{key.public}  (id {key.id})")


def tell(report: Report) -> None:
    """The report on a terminal."""
    click.echo(
        f"{report.links} links in {report.chains} chains, {report.redacted} rows with blanked words, "
        f"{report.anchors} anchor lines, the last of {report.anchored_at or 'never'}"
    )
    if report.lost:
        click.echo(f"{report.lost} anchored heads were given up when the database was put back on purpose")
    for fault in report.faults[:SHOWN]:
        click.echo(_words(fault))
    if report.faults_found > SHOWN:
        click.echo(f"… and {report.faults_found - SHOWN} more")
    click.echo("The chains hold." if report.ok else f"BROKEN: {report.faults_found} faults.")


MEANING = {
    "gap": "links are missing before this one, or it was moved",
    "row_missing": "the journal row of this link is gone",
    "wrong_chain": "the row's office is not that of its chain",
    "altered": "the row, or the link before it, is not as it was written",
    "name_altered": "the actor's name is not as it was written",
    "words_altered": "the particulars are not as they were written",
    "unreadable": "the row makes no sense any more",
    "not_linked": "a journal row that no command of the app wrote",
    "not_as_anchored": "not what was signed when the chain was anchored",
    "cut_after_anchor": "anchored, and gone: the tail was cut, or an older state put back",
}


def _words(fault: Any) -> str:
    if fault.code.startswith("anchor: "):
        return f"line {fault.seq} of the book: {fault.code.removeprefix('anchor: ')}"
    place = f"chain {fault.chain or '-'} link {fault.seq}" if fault.seq else "no chain"
    return f"{place}{f' row {fault.number}' if fault.number else ''}: {MEANING[fault.code]}"
