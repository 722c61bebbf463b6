"""The README shows what its commands print."""

import shutil
import subprocess
from pathlib import Path

import pytest
from docs.console import ROOT, commands, fences, matches, run

from headway.cli.main import cli

README = ROOT / "README.md"
EXAMPLE = "examples/public-evidence"


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """What `make demo` runs, on a copy of the example, prints the lines of the README in their order."""
    if not shutil.which("make"):
        pytest.skip("no make")
    planned = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    kept = shutil.ignore_patterns(".headway", "ledger.head")
    shutil.copytree(ROOT / EXAMPLE, tmp_path / EXAMPLE, ignore=kept)
    printed = "Installing\n"
    for words in (f"headway check {EXAMPLE}", f"headway review {EXAMPLE}"):
        assert f"bin/{words}" in planned
        status, said = run(words, tmp_path)
        assert status == 0
        printed += said
    printed += "The same review as a page: build/public-evidence.html\n"
    assert printed.splitlines()[-1] in planned
    (shown,) = (c for f in fences(README.read_text()) if f.language == "console" for c in commands(f))
    assert shown.command == "make demo"
    assert matches(shown.expected, tuple(line.rstrip() for line in printed.splitlines())), printed


def test_the_readme_lists_every_command_as_here() -> None:
    """A command is named as here once it is here, and only then."""
    row = next(line for line in README.read_text().splitlines() if line.startswith("| `init`"))
    here, _, not_yet = row.strip("| ").partition(" | ")
    said = {word.partition(" ")[0] for word in here.replace("`", "").split(", ")}
    assert said == set(cli.commands or cli.list_commands(None))  # type: ignore[arg-type]
    assert not {word.strip("`") for word in not_yet.split(", ")} & said
