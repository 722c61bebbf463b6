"""`headway gate --adopt` and `--rules`: words in, a comparison out, and a status that says if it can."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.small import INITIATIVE, PORTFOLIO, RANDOMISED, Declare, two_arms

from headway.cli.main import cli

SETTINGS = PORTFOLIO.replace("mode: block", "mode: observe")
PILOT = "pilot:\n" + "".join(f"  {line}\n" for line in RANDOMISED.splitlines()) + "  promote_above: -0.1\n"
SCALING = INITIATIVE.replace("stage: piloting", "stage: scaling\nrisk: {eu_ai_act: minimal}") + PILOT
ROW = "operate.value.effect"


def run(folder: Path, *words: str, columns: int = 100) -> Result:
    """Run the command on a folder as a shell would."""
    return CliRunner().invoke(cli, ["gate", "-p", str(folder), *words], env={"COLUMNS": str(columns)})


@pytest.fixture
def scaling(declare: Declare) -> Path:
    """A newcomer's portfolio: starter@1, observed, one initiative before a gate that asks for nothing."""
    return declare(rows=two_arms(), portfolio=SETTINGS, initiative=SCALING)


def test_a_newcomer_mends_an_empty_gate_with_the_command_of_the_mend_line(scaling: Path) -> None:
    """HW501 is a warning, names one command, and that command settles it."""
    before = CliRunner().invoke(cli, ["check", str(scaling)])
    assert before.exit_code == 0
    assert "warning[HW501]" in before.output
    assert f"mend: run headway gate --adopt {ROW} --write" in before.output
    assert run(scaling, "trial").exit_code == 0
    assert "missing" in run(scaling, "trial").output.splitlines()[0]
    assert run(scaling, "--adopt", ROW, "--write").exit_code == 0
    after = CliRunner().invoke(cli, ["check", str(scaling)])
    assert "0 errors, 0 warnings" in after.output
    assert "in force" not in after.output


def test_the_default_is_a_dry_run_that_shows_the_lines(scaling: Path) -> None:
    """What would flip, why it does not block, and the lines as they would stand."""
    before = (scaling / "portfolio.yaml").read_bytes()
    said = " ".join(run(scaling, "--adopt", ROW).output.split())
    assert "a dry run, nothing is written" in said
    assert "observe, because portfolio.yaml line 6 says mode: observe" in said
    assert "of 1 initiative asked, 1 met" in said
    assert "trial at gate operate: missing → met" in said
    assert (
        f"+ {{row: {ROW}, from: standard@1, observe: 2026-03-31, warn: 2026-04-30, block: 2026-05-30}},"
        in said
    )
    assert "--write puts these lines into portfolio.yaml" in said
    assert (scaling / "portfolio.yaml").read_bytes() == before


def test_writing_says_so_and_may_be_run_once(scaling: Path) -> None:
    """The second run is refused with the line that stands there, and ends with 1."""
    done = run(scaling, "--adopt", ROW, "--write")
    assert "written to portfolio.yaml; commit it" in done.output
    written = (scaling / "portfolio.yaml").read_bytes()
    again = run(scaling, "--adopt", ROW, "--write")
    assert again.exit_code == 1
    assert "error[HW107]" in again.output
    assert "  see portfolio.yaml:8:" in again.output
    assert (scaling / "portfolio.yaml").read_bytes() == written


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("columns", [80, 140])
def test_every_form_says_the_same(scaling: Path, form: str, columns: int) -> None:
    """Row, state and whose move; other rules, and a refusal."""
    made = run(
        scaling, "--adopt", ROW, "--adopt", "keep.value.return", "--format", form, columns=columns
    ).output
    flat = " ".join(made.replace("`", "").split())
    assert "keep.value.return: no initiative stands before gate keep" in flat
    assert "adopts 2 rows" in flat
    rules = run(scaling, "--rules", "standard@1", "--format", form, columns=columns)
    assert rules.exit_code == 0
    assert "is still to come" in " ".join(rules.output.split())
    assert "a later version of headway" in " ".join(rules.output.split())
    refused = run(scaling, "--adopt", "operate.value.efect", "--format", form, columns=columns)
    assert refused.exit_code == 1
    assert "did you mean 'operate.value.effect'?" in " ".join(refused.output.split())


def test_nothing_that_changes_is_said_too(scaling: Path) -> None:
    """The model that is in force already flips nothing."""
    for form in ("table", "markdown"):
        same = run(scaling, "--rules", "starter@1", "--format", form)
        assert same.exit_code == 0
        assert "no gate as a whole would flip" in same.output


def test_rows_that_go_or_block_are_told_apart(declare: Declare) -> None:
    """A state, or the mode alone, before and after; what goes is gone."""
    house = """\
operating_model: house@1
extends: starter@1
set: {scale.value.effect: {mode: warn}}
drop: [scale.value.return]
"""
    folder = declare(rows=two_arms(), initiative=INITIATIVE + PILOT, house=house)
    for columns in (80, 140):
        flat = " ".join(run(folder, "--rules", "house@1", columns=columns).output.split())
        assert "missing → gone" in flat
        assert "block → warn" in flat, flat


def test_json_names_its_schema(scaling: Path) -> None:
    """headway.adopt/1, dry or written."""
    dry = json.loads(run(scaling, "--adopt", ROW, "--format", "json").output)
    assert (dry["schema"], dry["written"]) == ("headway.adopt/1", False)
    wet = json.loads(run(scaling, "--adopt", ROW, "--format", "json", "--write").output)
    assert (wet["written"], wet["rows"]) == (True, dry["rows"])


@pytest.mark.parametrize(
    "words",
    [[], ["trial", "--adopt", ROW], ["--adopt", ROW, "--rules", "standard@1"], ["trial", "--write"],
     ["--rules", "standard@1", "--write"]],
)  # fmt: skip
def test_words_that_do_not_go_together_are_usage_errors(scaling: Path, words: list[str]) -> None:
    """One question at a time, and only an adoption is written."""
    assert run(scaling, *words).exit_code == 2


def test_a_file_that_cannot_be_written_is_told(scaling: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it stays as it was."""
    before = (scaling / "portfolio.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "portfolio.yaml")

    monkeypatch.setattr(Path, "write_bytes", full)
    done = run(scaling, "--adopt", ROW, "--write")
    monkeypatch.undo()
    assert done.exit_code == 1
    assert "No space left on device" in done.output
    assert (scaling / "portfolio.yaml").read_bytes() == before
    assert not list(scaling.glob(".*.part"))


def test_what_the_files_would_be_told_is_shown(declare: Declare) -> None:
    """A bound that reads what an initiative does not declare is told before the row is adopted."""
    folder = declare(
        rows=two_arms(), portfolio=SETTINGS, initiative=SCALING.replace("  promote_above: -0.1\n", "")
    )
    assert "warning[HW505]" in run(folder, "--adopt", ROW).output
    assert "HW505" in run(folder, "--adopt", ROW, "--format", "markdown").output


def test_an_earlier_decision_is_judged_again_by_the_modes_of_its_moment(scaling: Path) -> None:
    """Months later the row blocks; what was decided while it observed is still what was decided."""
    settings = scaling / "portfolio.yaml"
    settings.write_text(settings.read_text().replace("mode: observe", "mode: block"))
    assert run(scaling, "--adopt", ROW, "--write").exit_code == 0
    words = ["decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(scaling)]
    assert CliRunner().invoke(cli, words).exit_code == 0
    settings.write_text(settings.read_text().replace("as_of: 2026-03-31", "as_of: 2026-07-01"))
    later = json.loads(run(scaling, "trial", "--format", "json").output)["verdict"]["requirements"]
    assert {r["id"]: r["mode"] for r in later}[ROW] == "block"
    found = json.loads(CliRunner().invoke(cli, ["verify", "--format", "json", str(scaling)]).output)
    assert (found["replayed"], found["not_replayed"], found["diagnostics"]) == (1, 0, [])
