"""The container image can do what the commands in it need: back up the very server that stands beside it."""

import re

from app.config import ROOT

DEPLOY = ROOT / "deploy"


def test_the_image_has_the_programs_of_the_servers_version():
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    [server] = re.findall(r"image: postgres:(\d+)", (DEPLOY / "compose.yml").read_text("utf-8"))
    [client] = re.findall(r"^ARG POSTGRES=(\d+)$", dockerfile, re.MULTILINE)
    assert int(client) >= int(server), "an older pg_dump refuses a newer server"
    served = dockerfile.split("\nFROM ")[-1]
    assert "postgresql-client-$POSTGRES" in served
    for notes in (DEPLOY / "README.md", ROOT / "docs" / "operations.md"):
        assert f"PostgreSQL {client}" in notes.read_text("utf-8"), f"{notes.name} says another version"
