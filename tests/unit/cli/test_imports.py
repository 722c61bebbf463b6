"""Which packages each command waits for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "public-evidence"
WATCHED = {
    "click", "pydantic", "yaml", "sqlalchemy", "numpy", "scipy", "ibis", "duckdb", "pyarrow", "jinja2",
    "rich", "pandas",
}  # fmt: skip
LIGHT = {"click", "pydantic", "yaml"}
SUMS = {"numpy", "scipy", "rich"}
ENGINE = SUMS | {"ibis", "duckdb", "pyarrow", "pandas"}
# Words of the command line -> what is imported of the packages watched.
IMPORTED = {
    ("--help",): set(),
    ("--version",): set(),
    ("check", "--help"): {"click"},
    ("check", str(EXAMPLE)): LIGHT,
    ("gate", "assistant-first-build", "-p", str(EXAMPLE)): LIGHT | ENGINE,
}
ASKED = """
import sys
from headway.cli.start import main
sys.argv = ["headway", *sys.argv[1:]]
try:
    main()
finally:
    print("\\n", *sorted({m.partition(".")[0] for m in sys.modules}), file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered yet."""
    monkeypatch.setenv("HEADWAY_CACHE", str(tmp_path))


def imported(words: Sequence[str]) -> set[str]:
    """Of the packages watched, those that one command imports."""
    done = subprocess.run([sys.executable, "-c", ASKED, *words], capture_output=True, text=True, check=False)
    return WATCHED & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", IMPORTED)
def test_a_command_imports_what_it_needs_and_no_more(words: tuple[str, ...]) -> None:
    """Start-up time is a promise, so the set is exact."""
    assert imported(words) == IMPORTED[words]


@pytest.mark.parametrize(
    "words", [("gate", "assistant-first-build", "-p", str(EXAMPLE)), ("review", str(EXAMPLE))]
)
def test_no_engine_is_imported_where_every_sum_is_remembered(words: tuple[str, ...]) -> None:
    """The second time nothing is opened, and so no package that opens it is waited for."""
    assert imported(words) == LIGHT | ENGINE
    assert imported(words) == LIGHT | SUMS
