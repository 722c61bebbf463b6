"""`headway init` and `headway new` as typed: questions, options, screens and exit statuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headway.app.check import check
from headway.cli.main import cli
from headway.portfolio.load import Portfolio, load


def run(*words: str | Path, width: int = 100) -> Result:
    """The command line, without a terminal."""
    return CliRunner().invoke(cli, [str(w) for w in words], env={"COLUMNS": str(width)})


def portfolio(folder: Path) -> Portfolio:
    """What is declared in a folder."""
    found = load(folder).portfolio
    assert found is not None
    return found


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    """Every answer has a default, and every default an option."""
    done = run("init", tmp_path / "harbour-insurance", "--me", "Ana", "--time-zone", "UTC")
    assert done.exit_code == 0, done.output
    assert "portfolio 'harbour-insurance'" in done.output
    assert check(tmp_path / "harbour-insurance").diagnostics == ()


def test_every_answer_can_be_given_as_an_option(tmp_path: Path) -> None:
    """So that a script, or a colleague, can begin one."""
    options = [
        "--firm",
        "Hafen AG",
        "--currency",
        "chf",
        "--time-zone",
        "Europe/Zurich",
        "--me",
        "Ana <a@x.example>",
        "--line",
        "Betriebskosten",
        "--line",
        "Provisionen=revenue",
        "--yes",
    ]
    assert run("init", tmp_path / "x", *options).exit_code == 0
    found = portfolio(tmp_path / "x")
    assert (found.settings.portfolio, found.settings.currency, found.settings.time_zone) == (
        "hafen-ag",
        "CHF",
        "Europe/Zurich",
    )
    assert {"betriebskosten", "provisionen"} <= set(found.outcomes)
    assert found.people.persons[0].accounts == ("a@x.example",)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--currency", "euro"),
        ("--time-zone", "Mars/Base"),
        ("--line", "Provisionen"),
        ("--map", "title"),
        ("--as-of", "soon"),
        ("--map", "=title"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_usage_error(tmp_path: Path, option: str, value: str) -> None:
    """Status 2, the option named, and nothing written."""
    (tmp_path / "list.csv").write_text("Use case\nTriage\n")
    done = run("init", tmp_path / "x", "--yes", "--from", tmp_path / "list.csv", option, value)
    assert done.exit_code == 2
    assert option in done.output
    assert not (tmp_path / "x").exists()


def test_on_a_terminal_five_questions_are_asked(tmp_path: Path) -> None:
    """Each with its default; a wrong answer is asked again, Enter takes the default."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "headway", "init", "new", "--firm", "Harbour"]
    with subprocess.Popen(
        command,
        stdin=child,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        text=True,
        env={**os.environ, "TZ": "UTC"},
    ) as asked:
        os.close(child)
        os.write(parent, b"euro\nSEK\n\nAna Brandt <ana@x.example>\n\n")
        said, _ = asked.communicate(timeout=60)
    os.close(parent)
    assert asked.returncode == 0, said
    assert [
        line in said
        for line in ("Currency of all totals [EUR]: ", "'euro' is no currency", "[UTC]", "[cost, revenue]")
    ] == [True] * 4
    assert "Firm [" not in said
    found = portfolio(tmp_path / "new")
    assert (found.settings.currency, found.people.persons[0].id) == ("SEK", "ana-brandt")


def test_refusals_end_with_one_in_the_house_form(tmp_path: Path) -> None:
    """On standard error; a folder that cannot be written is named."""
    (tmp_path / "list.csv").write_text("Use case\n")
    done = run("init", tmp_path / "x", "--yes", "--from", tmp_path / "list.csv")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("list.csv:1:1: error[HW123] ")
    (tmp_path / "file").write_text("")
    assert run("init", tmp_path / "file" / "x", "--yes").exit_code == 1


def test_the_screen_as_data(tmp_path: Path) -> None:
    """`--format json` says the same, to a file if wanted."""
    (tmp_path / "list.csv").write_text("Use case,Owner,Colour\nTriage,Ana Brandt,red\nTriage,,blue\n,,x\n")
    done = run(
        "init",
        tmp_path / "x",
        "--from",
        tmp_path / "list.csv",
        "--map",
        "Colour=-",
        "--format",
        "json",
        "-o",
        tmp_path / "out.json",
    )
    assert (done.exit_code, done.output) == (0, "")
    made = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert made["schema"] == "headway.init/1"
    assert [c["field"] for c in made["list"]["columns"]] == ["title", "accountable", "-"]
    assert made["list"]["twice"] == [{"title": "Triage", "rows": [2, 3], "ids": ["triage", "triage-2"]}]


def test_a_narrow_and_a_wide_terminal(tmp_path: Path) -> None:
    """No line is wider than the terminal, and no more than eight of a kind are shown."""
    rows = "".join(f"Same name {i // 2},Ana Brandt; Ben {i},stage {i}\n" for i in range(24))
    (tmp_path / "list.csv").write_text(
        "Use case,Owner,Stage\n" + rows + "x,,Pilot\n" * 30 + "".join(f",,s{i}\n" for i in range(12))
    )
    for width in (60, 80, 140):
        done = run(
            "init",
            tmp_path / f"w{width}",
            "--yes",
            "--from",
            tmp_path / "list.csv",
            "--map",
            "Owner=-",
            width=width,
        )
        assert done.exit_code == 0, done.output
        listed = done.output[: done.output.index("files written")]
        assert all(len(line) <= width for line in listed.splitlines()[1:-1]), [
            x for x in listed.splitlines() if len(x) > width
        ]
        assert "and 5 more; --format json shows all" in done.output
        assert "Left away, as you said\n  Owner" in done.output


def test_new_is_told_in_two_lines_or_as_data(tmp_path: Path) -> None:
    """Where it stands, what was mapped, and what to do next."""
    assert run("init", tmp_path / "x", "--yes", "--me", "Ana", "--time-zone", "UTC").exit_code == 0
    done = run("new", "initiative", "Drafted replies", "-p", tmp_path / "x", "--set", "stage=framed")
    assert done.output == (
        "initiatives/drafted-replies.yaml: initiative 'drafted-replies'\n"
        "Next: fill it, then headway check tells what is still absent.\n"
    )
    assert run("new", "initiative", "Drafted replies", "-p", tmp_path / "x").exit_code == 1
    done = run(
        "new", "source", tmp_path / "x" / "sample" / "pilot.csv", "--fact", "unit", "-p", tmp_path / "x"
    )
    assert "  variant            is column 'arm'\n" in done.output
    assert "  for a metric or a covariate: minutes_before, minutes\n" in done.output
    done = run("new", "component", "gateway", "-p", tmp_path / "x", "--format", "json")
    assert json.loads(done.output)["file"] == "components/gateway.yaml"
    for wrong in ("zebra=1", "title", "=x"):
        done = run("new", "outcome", "a", "-p", tmp_path / "x", "--set", wrong)
        assert (done.exit_code, "--set" in done.output) == (2, True)


def test_new_needs_a_portfolio(tmp_path: Path) -> None:
    """Without one it says so, with status 1."""
    done = run("new", "outcome", "a", "-p", tmp_path)
    assert (done.exit_code, "HW110" in done.output) == (1, True)
