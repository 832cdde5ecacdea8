"""Backups of PostgreSQL: pg_dump's own format, of the very moment whose rows the manifest counts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from app.backups.errors import BackupError, BadBackup
from app.backups.manifest import Snapshot
from app.backups.stores import plain_engine, snapshot

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps each version's programs; other systems have them on PATH."""
LONGEST_NAME = 63
CONNECT_SECONDS = 10


class PostgreSQL:
    """The database of this address, and the server it lives on."""

    def __init__(self, url: URL) -> None:
        self.url, self.name = url, str(url.database)

    def dump(self, target: Path) -> Snapshot:
        engine = plain_engine(self.url)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            moment = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            found = snapshot(connection)
            self._run("pg_dump", "--format=custom", f"--snapshot={moment}", f"--file={target}", url=self.url)
        return found

    def load(self, source: Path, scratch: str) -> None:
        url = make_url(scratch)
        with self._server() as server:
            try:
                server.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(str(url.database)))
                )
            except psycopg.errors.InsufficientPrivilege as error:
                raise BackupError(
                    f'this role may not make databases: ALTER ROLE "{self.url.username}" CREATEDB'
                ) from error
        self._run("pg_restore", "--exit-on-error", str(source), url=url)

    def scratch(self, stamp: str) -> str:
        return self.url.set(database=self._beside(f"_restore_{stamp}")).render_as_string(hide_password=False)

    def is_empty(self) -> bool:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        with self._server() as server:
            if not self._exists(server):
                return True
        with plain_engine(self.url).connect() as connection:
            return connection.scalar(text(tables)) == 0

    def in_use(self) -> bool:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        with self._server() as server:
            return bool(_first(server.execute(others, (self.name,))))

    def put_in_place(self, scratch: str, stamp: str) -> str | None:
        before = self._beside(f"_before_{stamp}")
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with self._server() as server:
            if there := self._exists(server):
                server.execute(rename.format(sql.Identifier(self.name), sql.Identifier(before)))
            fresh = str(make_url(scratch).database)
            server.execute(rename.format(sql.Identifier(fresh), sql.Identifier(self.name)))
        return before if there else None

    def drop(self, scratch: str) -> None:
        gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._server() as server:
            server.execute(gone.format(sql.Identifier(str(make_url(scratch).database))))

    # ---------- help ----------

    def _beside(self, ending: str) -> str:
        return self.name[: LONGEST_NAME - len(ending)] + ending

    def _exists(self, server: psycopg.Connection[Any]) -> bool:
        return bool(_first(server.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (self.name,))))

    @contextmanager
    def _server(self) -> Iterator[psycopg.Connection[Any]]:
        """The server's maintenance database, outside any transaction: where databases are made and renamed."""
        address = self.url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            yield connection

    def _run(self, program: str, *arguments: str, url: URL) -> None:
        """One of PostgreSQL's programs, of the server's version or newer; the password goes by the environment."""
        address = url.set(drivername="postgresql", password=None).render_as_string()
        command = [self._program(program), "--no-owner", "--no-privileges", f"--dbname={address}", *arguments]
        environment = {**os.environ, "PGPASSWORD": url.password or ""}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().partition("\n")[0]
            raise (BadBackup if program == "pg_restore" else BackupError)(f"{program}: {said}")

    def _program(self, name: str) -> str:
        with self._server() as server:
            wanted = server.info.server_version // 10_000
        versions = sorted(int(path.name) for path in DEBIAN.glob("*") if re.fullmatch(r"\d+", path.name))
        kept = [DEBIAN / str(version) / "bin" / name for version in versions if version >= wanted]
        found = next((str(path) for path in kept if path.exists()), None) or shutil.which(name)
        if found is None:
            raise BackupError(f"{name} {wanted} or newer is not installed: apt install postgresql-client-{wanted}")
        return found


def _first(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
