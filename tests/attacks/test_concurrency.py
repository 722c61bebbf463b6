"""Two processes that append at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.attacks.killing import ROOT
from tests.attacks.ledgers import house

from headway.decisions import head

EACH = 50


def test_two_writers_make_one_chain(tmp_path: Path) -> None:
    """Two processes that add fifty entries each, to a ledger yet to be made, make one chain of a hundred."""
    words = [sys.executable, str(ROOT / "tests" / "attacks" / "appender.py"), str(tmp_path), str(EACH)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    writers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env) for _ in range(2)]
    said = [writer.communicate()[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [len(lines) for lines in said] == [EACH, EACH]
    numbers = [int(line.split()[1]) for lines in said for line in lines]
    assert sorted(numbers) == list(range(1, 2 * EACH + 1))
    with house(tmp_path) as here:
        report = here.verify()
        assert (report.entries, report.diagnostics, report.replayed) == (2 * EACH, (), 2 * EACH)
        assert head.read(here.head).size == 2 * EACH
