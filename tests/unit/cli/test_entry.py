"""How the program starts, and what it shows while it reads."""

from __future__ import annotations

import runpy
import sys

import pytest

from headway import __version__
from headway.cli.main import Commands, cli
from headway.cli.progress import reading


def test_the_module_runs_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m headway --version` prints the version."""
    monkeypatch.setattr(sys, "argv", ["headway", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("headway", run_name="__main__")
    assert ended.value.code == 0
    assert __version__ in capsys.readouterr().out


def test_every_command_of_the_table_exists_and_says_what_it_does() -> None:
    """A name in the static table is a module with a command of that name and a help text."""
    assert isinstance(cli, Commands)
    for name in cli.list_commands(None):  # type: ignore[arg-type]
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.name == name
        assert command.help
    assert cli.get_command(None, "nothing") is None  # type: ignore[arg-type]


def test_progress_is_shown_to_people_and_kept_from_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the source being read is named on standard error; elsewhere nothing is written."""
    with reading() as silent:
        assert silent is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with reading() as progress:
        assert progress is not None
        progress("claims", 0, 2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "claims" in shown.err
