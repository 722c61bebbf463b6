"""Which packages each command waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "public-evidence"
WATCHED = {
    "click", "pydantic", "yaml", "sqlalchemy", "numpy", "scipy", "ibis", "duckdb", "pyarrow", "jinja2",
    "rich", "pandas",
}  # fmt: skip
LIGHT = {"click", "pydantic", "yaml"}
STATISTICS = {"numpy", "scipy"}
ENGINE = {"ibis", "duckdb", "pyarrow", "pandas"}
GATE = ("gate", "assistant-first-build", "-p", str(EXAMPLE))
# Words of the command line -> what is imported of the packages watched.
IMPORTED = {
    ("--help",): set(),
    ("--version",): set(),
    ("check", "--help"): {"click"},
    ("check", str(EXAMPLE)): LIGHT,
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


@pytest.mark.parametrize("words", IMPORTED)
def test_a_command_imports_what_it_needs_and_no_more(words: tuple[str, ...]) -> None:
    """Start-up time is a promise, so the set is exact."""
    done = subprocess.run([sys.executable, "-c", ASKED, *words], capture_output=True, text=True, check=False)
    assert WATCHED & set(done.stderr.splitlines()[-1].split()) == IMPORTED[words]


def test_a_gate_opens_no_engine_where_the_sums_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time rows are read; from then on an unchanged source needs none of the engine's packages."""
    monkeypatch.setenv("HEADWAY_CACHE", str(tmp_path))
    seen = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", ASKED, *GATE], capture_output=True, text=True, check=False
        )
        seen.append(WATCHED & set(done.stderr.splitlines()[-1].split()))
    assert seen == [LIGHT | STATISTICS | ENGINE | {"rich"}, LIGHT | STATISTICS | {"rich"}]
