"""Five differently shaped spreadsheets: what was recognised, what is asked, and files without a fault.

`HEADWAY_REWRITE=1 pytest tests/golden` writes the screens anew; read the difference before committing.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.golden.five_sheets import SHEETS

from headway.cli.main import cli

EXPECTED = Path(__file__).parent / "sheets"
REWRITE = os.environ.get("HEADWAY_REWRITE") == "1"


def run(*words: str) -> str:
    """What a command prints on a terminal of a hundred columns; it must end well."""
    done = CliRunner().invoke(cli, [*words], env={"COLUMNS": "100"})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_becomes_a_portfolio_and_says_what_it_does_not_know(name: str, tmp_path: Path) -> None:
    """Read, shown and written word for word, no file wrong, and reviewed with the sample's interval."""
    file, made = SHEETS[name]
    (tmp_path / file).write_bytes(made())
    folder = tmp_path / "portfolio"
    shown = run("init", str(folder), "--yes", "--firm", "Bureau", "--me", "Ana Brandt <ana@bureau.example>",
                "--time-zone", "UTC", "--as-of", "2026-03-31", "--from", str(tmp_path / file))  # fmt: skip
    files = "".join(
        f"\n==> {path.relative_to(folder).as_posix()}\n{path.read_text(encoding='utf-8')}"
        for path in [folder / "people.yaml", *sorted((folder / "initiatives").iterdir())]
    )
    text = shown.replace(str(tmp_path), "") + files
    expected = EXPECTED / f"{name}.txt"
    if REWRITE:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert "\n0 errors, " in f"\n{run('check', str(folder))}"
    assert "−15.8 % (−19.6 to −12.0 %" in run("review", str(folder), "--as-of", "2026-03-31")
