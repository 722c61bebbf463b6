"""Build the wheel, install it with the core lock into environments of its own, and use it.

What an editable install hides shows here: a data file left out, an undeclared dependency, a path into the
checkout, a heavy import on the way to `--help`. The first environment is made by pip with the Python that
runs this; one more is made by uv for every other Python that headway is for and that is found here.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "public-evidence"
VERSIONS = ("3.11", "3.12", "3.13")
# A gate missed and evidence missing are answers; a fault of ours is neither.
ANSWERS = (0, 1, 4)
# `headway --help` needs none of these, and each costs more than all of it.
HEAVY = (
    "duckdb", "ibis", "importlib.metadata", "jinja2", "numpy", "pandas", "pyarrow", "pydantic", "rich",
    "scipy", "sqlalchemy", "sqlglot", "yaml",
)  # fmt: skip
LOADED = """
import json, sys
sys.argv = ["headway", "--help"]
from headway.cli.start import main
try:
    main()
except SystemExit as end:
    status = end.code
print(json.dumps({"status": status, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def main() -> None:
    """Run every step; the first that fails ends the run with its reason."""
    running = ".".join(map(str, sys.version_info[:2]))
    with tempfile.TemporaryDirectory(prefix="headway-wheel-") as name:
        scratch = Path(name)
        wheel = build(scratch)
        compare(wheel)
        began = time.monotonic()
        binaries = install(wheel, scratch)
        use(binaries, scratch)
        start_light(binaries, scratch)
        tried = [f"{running} ({time.monotonic() - began:.0f} s)"]
        for version, python in found():
            if version != running:
                began = time.monotonic()
                use(install_by_uv(wheel, python, scratch / version), scratch / version)
                tried.append(f"{version} ({time.monotonic() - began:.0f} s)")
    absent = [version for version in VERSIONS if not any(one.startswith(version) for one in tried)]
    print("wheel: built, complete, installed from the core lock, and working on Python " + ", ".join(tried))
    if absent:
        print(f"wheel: not tried, because not found here: Python {', '.join(absent)}")


def found() -> Iterator[tuple[str, str]]:
    """A working interpreter for each version: of pyenv, on the path, or known to uv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    listed = [uv.find_uv_bin(), "python", "list", "--only-installed", "--output-format", "json"]
    known = [one["path"] for one in json.loads(run(listed) or "[]") if one["path"]]
    for version in VERSIONS:
        named = [str(path / "bin" / "python") for path in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
        named += [path for path in [shutil.which(f"python{version}"), *known] if path]
        works = (path for path in named if version_of(path) == version)
        if python := next(works, None):
            yield version, python


def version_of(python: str) -> str:
    """The version of an interpreter, empty where it does not run or has no venv."""
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run(
        [python, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def build(scratch: Path) -> Path:
    """Build the wheel outside the checkout and return its path."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--no-build-isolation", "-w", str(scratch), str(ROOT)])
    (wheel,) = scratch.glob("headway-*.whl")
    return wheel


def compare(wheel: Path) -> None:
    """Fail unless the wheel holds exactly the package's files, and the licence."""
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    held = {name for name in names if ".dist-info/" not in name}
    if held != wanted:
        fail(f"the wheel lacks {sorted(wanted - held)} and has {sorted(held - wanted)} too much")
    for legal in ("LICENSE", "NOTICE"):
        if not any(name.endswith(f".dist-info/licenses/{legal}") for name in names):
            fail(f"the wheel lacks {legal}")


def install(wheel: Path, scratch: Path) -> Path:
    """Install the core lock and the wheel into a new environment and return its folder of programs."""
    run([sys.executable, "-m", "venv", str(scratch / "venv")])
    binaries = scratch / "venv" / "bin"
    pip = [str(binaries / "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")])
    run([*pip, "--no-deps", "--no-index", str(wheel)])
    return binaries


def install_by_uv(wheel: Path, python: str, scratch: Path) -> Path:
    """The same for another Python, in seconds where uv has the packages already."""
    scratch.mkdir()
    venv = scratch / "venv"
    run([uv.find_uv_bin(), "venv", "--quiet", "--python", python, str(venv)])
    pip = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", str(venv)]
    run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")])
    run([*pip, "--no-deps", "--no-index", str(wheel)])
    return venv / "bin"


def use(binaries: Path, scratch: Path) -> None:
    """Check, review, decide and verify on a copy of the example, away from the checkout."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headway = str(binaries / "headway")
    if version not in run([headway, "--version"], cwd=scratch):
        fail(f"`headway --version` does not say {version}")
    shutil.copytree(EXAMPLE, scratch / "portfolio", ignore=shutil.ignore_patterns(".headway", "ledger.head"))
    run([headway, "check", "portfolio"], cwd=scratch)
    run([headway, "review", "portfolio"], cwd=scratch, accept=ANSWERS)
    printed = run([headway, "review", "portfolio", "--format", "json"], cwd=scratch, accept=ANSWERS)
    review = json.loads(printed)
    if review["schema"] != "headway.review/1":
        fail(f"the review's schema is {review['schema']}")
    decide = ["decide", "coding-assistant", "hold", "--as", "p-06", "--comment", "wait", "-p", "portfolio"]
    run([headway, *decide], cwd=scratch)
    if "1 decision replayed" not in run([headway, "verify", "portfolio"], cwd=scratch):
        fail("`headway verify` did not replay the decision")
    page = scratch / "review.html"
    run([headway, "review", "portfolio", "--format", "html", "-o", str(page)], cwd=scratch, accept=ANSWERS)
    if "</html>" not in page.read_text():
        fail("the HTML review is not a whole page")
    run([str(binaries / "python"), "-m", "headway", "--help"], cwd=scratch)


def start_light(binaries: Path, scratch: Path) -> None:
    """Fail when `headway --help` loads a package it does not need."""
    done = subprocess.run(
        [str(binaries / "python"), "-c", LOADED],
        cwd=scratch,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        fail(f"`headway --help` did not run:\n{done.stdout}{done.stderr}")
    answer = json.loads(done.stderr.splitlines()[-1])
    if answer["status"]:
        fail(f"`headway --help` ended with status {answer['status']}")
    if heavy := sorted(set(HEAVY) & set(answer["modules"])):
        fail(f"`headway --help` loads {', '.join(heavy)}")


def run(command: list[str], *, cwd: Path | None = None, accept: tuple[int, ...] = (0,)) -> str:
    """Run a program and return what it printed, or fail with all it said."""
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode not in accept:
        fail(f"`{' '.join(command)}` ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    if warned := [line for line in done.stderr.splitlines() if "Warning" in line or "leaked" in line]:
        fail(f"`{' '.join(command)}` complains:\n" + "\n".join(warned))
    return done.stdout


def environment() -> dict[str, str]:
    """The environment without what would let the checkout shine through."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}


def fail(reason: str) -> None:
    """End the run with a reason."""
    sys.exit(f"wheel: {reason}")


if __name__ == "__main__":
    main()
