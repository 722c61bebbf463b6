"""The dry run of adopting a row on the example portfolio reads as committed, narrow and wide.

`HEADWAY_REWRITE=1 pytest tests/golden` writes the expected files anew; read the difference before committing.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from headway.cli.main import cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "public-evidence"
EXPECTED = Path(__file__).parent / "adopt"
ROWS = ("scale.spend.reconciled", "keep.value.return")


@pytest.mark.parametrize("columns", [80, 140])
def test_the_dry_run_reads_as_committed(columns: int, tmp_path: Path) -> None:
    """Word for word, but for the digests of the rules, which change with every shipped row."""
    folder = tmp_path / "public-evidence"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".headway", "expected"))
    words = [word for row in ROWS for word in ("--adopt", row)]
    done = CliRunner().invoke(cli, ["gate", "-p", str(folder), *words], env={"COLUMNS": str(columns)})
    assert done.exit_code == 0, done.output
    text = re.sub(r"#[0-9a-f]{12}", "#............", done.stdout)
    file = EXPECTED / f"{columns}.txt"
    if os.environ.get("HEADWAY_REWRITE") == "1":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
