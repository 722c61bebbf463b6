"""What a shell offers for a word that has begun."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem, ShellComplete
from click.testing import CliRunner

from headway.cli.complete import anything, codes, requirements
from headway.cli.completion import VARIABLE
from headway.cli.main import cli

HEAVY = {"duckdb", "ibis", "jinja2", "numpy", "pyarrow", "pydantic", "rich", "scipy", "sqlalchemy", "yaml"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two initiatives in one file, a row of one's own, data that are not read, and a file that is gone."""
    (tmp_path / "a.yaml").write_text(
        'initiative: reply-assistant\ntitle: "Drafted replies"\n---\ninitiative: router\nproblem: p\n'
    )
    (tmp_path / "gates.yml").write_text("operating_model: own@1\nadd:\n  - id: scale.people.training\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.yaml").write_text("initiative: rows\n")
    (tmp_path / ".hidden.yaml").write_text("initiative: rash\n")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(*words: str, begun: str = "") -> list[str]:
    """The words that a shell would be offered."""
    complete = ShellComplete(cli, {}, "headway", VARIABLE)
    return [item.value for item in complete.get_completions(list(words), begun)]


def context(folder: Path) -> click.Context:
    """A command line that names a portfolio."""
    made = click.Context(cli)
    made.params = {"portfolio": folder}
    return made


def values(items: list[CompletionItem]) -> list[str]:
    """The words of some offers."""
    return [item.value for item in items]


def test_commands_and_options_are_offered() -> None:
    """Commands by what they begin with, options where a dash was typed."""
    assert offered(begun="ver") == ["verify"]
    assert offered(begun="--v") == ["--version"]
    assert offered("gate", "x", begun="--for") == ["--format"]
    assert "json" in offered("gate", "x", "--format")
    assert offered("decide", "x", begun="with") == ["withdraw"]


def test_initiatives_are_offered_with_their_titles(folder: Path) -> None:
    """Those of this folder, or of the one that -p names; data and hidden files are not read."""
    assert offered("gate", begun="r") == ["reply-assistant", "router"]
    assert offered("decide", begun="rep") == ["reply-assistant"]
    (folder / "else").mkdir()
    assert offered("gate", "-p", "else") == []
    complete = ShellComplete(cli, {}, "headway", VARIABLE)
    assert [item.help for item in complete.get_completions(["gate"], "r")] == ["Drafted replies", ""]


def test_requirements_and_codes_are_offered(folder: Path) -> None:
    """Shipped rows, rows of one's own, and every code by its number."""
    here, nothing = context(folder), click.Argument(["x"])
    assert values(requirements(here, nothing, "scale.people.t")) == ["scale.people.training"]
    assert "scale.value.effect" in values(requirements(here, nothing, "scale.value"))
    assert values(codes(here, nothing, "HW103")) == ["HW103"]
    found = values(anything(here, nothing, ""))
    assert {"router", "scale.value.effect", "HW103"} <= set(found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_headway_itself(shell: str) -> None:
    """Each script names the program and the variable by which it asks."""
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert {f"{VARIABLE}={shell}_complete", "_headway_completion"} <= set(re.split(r"[\s();]+", done.stdout))


def test_a_shell_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its list, and also where click should lose one of it."""
    assert CliRunner().invoke(cli, ["completion", "csh"]).exit_code == 2
    monkeypatch.setattr("click.shell_completion.get_completion_class", lambda _: None)
    assert CliRunner().invoke(cli, ["completion", "bash"]).exit_code == 2


@pytest.mark.parametrize("words", ["headway ", "headway gate ", "headway review --format "])
def test_completing_loads_nothing_heavy(words: str, folder: Path) -> None:
    """A person waits for it."""
    code = (
        "import sys\nfrom headway.cli.main import main\ntry:\n  main()\n"
        "finally:\n  print(*sys.modules, file=sys.stderr)"
    )
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), VARIABLE: "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("plain,")
    assert HEAVY & set(done.stderr.split()) == set()
