"""What the program says of itself is said at once, and says what the command line library would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headway.cli import start
from headway.cli.main import cli


@pytest.mark.parametrize("columns", [20, 52, 61, 79, 80, 81, 140])
@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], []])
def test_the_quick_answer_is_the_slow_one(
    words: list[str], columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same letters on the same stream with the same exit status, on terminals of every width."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "argv", ["headway", *words])
    answers = []
    for run in (start.main, lambda: cli(words, prog_name="headway")):
        with pytest.raises(SystemExit) as ended:
            run()
        shown = capsys.readouterr()
        answers.append((shown.out, shown.err, ended.value.code))
    quick, slow = answers
    assert quick == slow


@pytest.mark.parametrize(
    "words", [["--help", "check"], ["check", "--help"], ["--halp"], ["nothing"], ["-h", "-h"]]
)
def test_whatever_else_is_asked_goes_to_the_library(words: list[str]) -> None:
    """Only whole, plain questions are answered at once."""
    assert start.answer(words) is None


def test_without_columns_the_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal's width, and 80 where there is none."""
    monkeypatch.setenv("COLUMNS", "wide")
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((60, 9)))
    monkeypatch.setattr(sys, "__stdout__", sys.stderr)
    assert start.answer(["-h"]) == start.help_text(60)

    def no_terminal(_: int) -> None:
        raise OSError(25, os.strerror(25))

    monkeypatch.setattr(os, "get_terminal_size", no_terminal)
    assert start.answer(["-h"]) == start.help_text(80)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_disk_that_is_full_is_said_by_the_library() -> None:
    """No traceback: the last line of defence says what happened."""
    command = [sys.executable, "-m", "headway", "-h"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "this is our fault: OSError" in done.stderr
    assert done.returncode != 0
