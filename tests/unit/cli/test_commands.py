"""The command line: words in, one use case, text out, and an exit status that says what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.small import FRAMED, RANDOMISED, Declare, two_arms

from headway.cli.main import cli

ONLY_EFFECT = """\
headway: 1
portfolio: small
currency: EUR
time_zone: UTC
as_of: 2026-03-31
operating_model:
  extends: starter@1
  mode: block
  drop: [scale.value.return, scale.spend.reconciled]
"""
TIER = FRAMED.replace("stage: framed", "stage: piloting") + "risk: {eu_ai_act: minimal, reason: internal}\n"


def run(*words: str) -> Result:
    """Run a command as a shell would."""
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def met(declare: Declare) -> Path:
    """A portfolio whose one initiative meets all that its gate asks."""
    pilot = "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    return declare(rows=two_arms(), portfolio=ONLY_EFFECT, initiative=f"{TIER}pilot:\n{pilot}")


def test_help_imports_nothing_heavy() -> None:
    """`headway --help` waits for click alone: no numpy, no pydantic, no engine."""
    code = (
        "import sys; from headway.cli.main import cli\n"
        "try: cli(['--help'], prog_name='headway')\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "numpy",
        "scipy",
        "pandas",
        "pyarrow",
        "duckdb",
        "ibis",
        "sqlglot",
        "pydantic",
        "yaml",
        "sqlalchemy",
    }
    heavy |= {"rich", "jinja2"}
    assert not heavy & set(done.stderr.split())
    assert "review" in done.stdout


@pytest.mark.parametrize("words", [("check",), ("verify",)])
def test_commands_on_files_alone_import_no_engine(met: Path, words: tuple[str, ...]) -> None:
    """Checking files and verifying a ledger need neither DuckDB nor numpy."""
    code = (
        "import sys; from headway.cli.main import cli\n"
        f"try: cli([*{words!r}, {str(met)!r}], prog_name='headway')\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "ibis", "pandas", "pyarrow"} & set(done.stderr.split())


def test_doctor_ends_with_one_when_something_has_to_be_mended(met: Path) -> None:
    """All is well before, and is not once the rows are gone."""
    done = run("doctor", str(met))
    assert done.exit_code == 0, done.output
    assert "✓ units: unit, 400 rows" in done.output
    (met / "units.parquet").unlink()
    gone = run("doctor", str(met))
    assert gone.exit_code == 1
    assert "[HW301] source.yaml:3:7" in gone.output
    record = json.loads(run("doctor", str(met), "--format", "json").stdout)
    assert (record["schema"], record["well"]) == ("headway.doctor/1", False)
    absent = run("doctor", str(met), "--source", str(met / "absent.csv"))
    assert (absent.exit_code, "HW301" in absent.output) == (2, True)


def test_check_ends_with_zero_or_one(declare: Declare) -> None:
    """A sound portfolio ends with 0; one wrong value ends with 1 and is named with its place."""
    folder = declare()
    assert run("check", str(folder)).exit_code == 0
    (folder / "initiative.yaml").write_text(FRAMED.replace("stage: framed", "stage: flying"))
    done = run("check", str(folder))
    assert done.exit_code == 1
    assert "initiative.yaml:6:8: error[HW105]" in done.output


def test_check_as_json_has_its_schema(declare: Declare) -> None:
    """Counts and diagnostics as data."""
    record = json.loads(run("check", str(declare()), "--format", "json").stdout)
    assert (record["schema"], record["errors"], record["diagnostics"]) == ("headway.check/1", 0, [])


def test_check_without_a_portfolio_says_so(tmp_path: Path) -> None:
    """An empty folder is HW110 and status 1, from every command."""
    for words in (("check",), ("review",), ("verify",)):
        done = run(*words, str(tmp_path))
        assert done.exit_code == 1
        assert "HW110" in done.output


@pytest.mark.parametrize("face", ["table", "json", "markdown", "html", "sarif", "junit"])
def test_a_review_has_six_faces_of_one_record(met: Path, face: str, tmp_path: Path) -> None:
    """Each face names the initiative; written to a file, it is whole and nothing is printed."""
    printed = run("review", str(met), "--format", face)
    assert printed.exit_code == 0, printed.output
    assert "trial" in printed.stdout or face == "sarif"
    file = tmp_path / "out" / "review"
    written = run("review", str(met), "--format", face, "-o", str(file))
    assert written.stdout == ""
    if face != "json":
        assert file.read_text() == printed.stdout
    assert [p.name for p in file.parent.iterdir()] == ["review"]


def test_a_review_can_be_judged_as_of_an_earlier_day(met: Path) -> None:
    """Before the pilot's end its one look has not been taken."""
    record = json.loads(run("review", str(met), "--format", "json", "--as-of", "2026-02-01").stdout)
    assert record["as_of"].startswith("2026-02-01")
    assert record["initiatives"][0]["verdict"] == "missing"


def test_an_unreadable_moment_is_a_usage_error(met: Path) -> None:
    """Status 2, with the form to write."""
    done = run("review", str(met), "--as-of", "yesterday")
    assert done.exit_code == 2
    assert "write it as 2026-03-31" in done.output


def test_explain_queries_prints_each_query_once_with_whom_it_serves(met: Path) -> None:
    """Two measures share them: one by arm, one that looks for units in several rows."""
    done = run("review", str(met), "--explain-queries")
    assert done.stdout.count("-- source units") == 2
    assert "effect of trial, srm of trial" in done.stdout
    assert "GROUP BY" in done.stdout


def test_strict_moves_the_exit_status(declare: Declare) -> None:
    """Without --strict a review ends with 0, whatever it shows; with it, by what blocks."""
    folder = declare(RANDOMISED, two_arms())
    assert run("review", str(folder)).exit_code == 0
    assert run("review", str(folder), "--strict").exit_code == 4


def test_a_gate_that_is_met_ends_with_zero(met: Path) -> None:
    """Every requirement is shown with what it saw."""
    done = run("gate", "trial", "-p", str(met))
    assert done.exit_code == 0, done.output
    assert "scale.value.effect" in done.output


def test_a_gate_that_is_missed_ends_with_one_and_a_missing_one_with_four(met: Path) -> None:
    """The sign of the objective decides."""
    text = (met / "initiative.yaml").read_text()
    (met / "initiative.yaml").write_text(text.replace('change: "-0.5"', 'change: "-3"'))
    assert run("gate", "trial", "-p", str(met)).exit_code == 1
    (met / "units.parquet").unlink()
    assert run("gate", "trial", "-p", str(met)).exit_code == 4


@pytest.mark.parametrize("face", ["sarif", "junit", "markdown", "json"])
def test_a_check_has_faces_for_a_pipeline(declare: Declare, face: str, monkeypatch: Any) -> None:
    """Each names the wrong file from where the command ran; the exit status is the same."""
    folder = declare()
    (folder / "initiative.yaml").write_text(FRAMED.replace("stage: framed", "stage: flying"))
    monkeypatch.chdir(folder.parent)
    done = run("check", folder.name, "--format", face)
    assert done.exit_code == 1
    assert "HW105" in done.stdout
    if face in ("sarif", "junit"):
        assert f"{folder.name}/initiative.yaml" in done.stdout
    monkeypatch.chdir(folder)
    assert "initiative.yaml" in run("check", "--format", face).stdout


def test_one_initiative_can_be_shown_in_full(met: Path) -> None:
    """Alone, with all that it shows; an unknown name is a usage error."""
    done = run("review", str(met), "--initiative", "trial")
    assert done.exit_code == 0
    assert done.stdout.startswith("trial  piloting")
    assert "Next moves" not in done.stdout
    wrong = run("review", str(met), "--initiative", "trail")
    assert wrong.exit_code == 2
    assert "Did you mean 'trial'?" in wrong.output
    assert "Next moves" in run("review", str(met), "--all").stdout


@pytest.mark.parametrize("face", ["json", "markdown", "sarif", "junit"])
def test_a_gate_has_other_faces(met: Path, face: str) -> None:
    """JSON with its schema, Markdown for a comment."""
    text = run("gate", "trial", "-p", str(met), "--format", face).stdout
    assert "scale.value.effect" in text or face == "sarif"
    if face == "json":
        assert json.loads(text)["schema"] == "headway.gate/1"


def test_an_unknown_initiative_is_a_usage_error_with_a_hint(met: Path) -> None:
    """Status 2, and the nearest name."""
    for words in (("gate", "trail"), ("decide", "trail", "hold")):
        done = run(*words, "-p", str(met))
        assert done.exit_code == 2
        assert "Did you mean 'trial'?" in done.output


def test_a_decision_goes_into_the_ledger_and_replays(met: Path) -> None:
    """Approve what is met; the head is written; verify replays the verdict offline, without the rows."""
    done = run("decide", "trial", "approve", "--as", "bob", "-p", str(met))
    assert done.exit_code == 0, done.output
    assert "entry 1: bob decided approve for trial at gate scale (met)" in done.output
    assert json.loads((met / "ledger.head").read_text())["size"] == 1
    (met / "units.parquet").unlink()
    (met / "initiative.yaml").unlink()
    verified = run("verify", str(met))
    assert verified.exit_code == 0, verified.output
    assert "ledger whole: 1 entry, 1 decision replayed" in verified.output


def test_a_decision_as_json_names_its_entry(met: Path) -> None:
    """Recorded or refused, both are data."""
    words = ("-p", str(met), "--format", "json")
    record = json.loads(run("decide", "trial", "hold", "--as", "bob", "--comment", "wait", *words).stdout)
    assert (record["schema"], record["recorded"], record["seq"], record["against"]) == (
        "headway.decide/1",
        True,
        1,
        False,
    )
    refused = run("decide", "trial", "hold", "--as", "bob", *words)
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["code"] == "HW527"
    verified: dict[str, Any] = json.loads(run("verify", str(met), "--format", "json").stdout)
    assert (verified["schema"], verified["entries"], verified["diagnostics"]) == ("headway.verify/1", 1, [])


def test_who_decides_is_whoever_git_knows(met: Path) -> None:
    """Without --as, the person whose account is Git's user.email; a stranger may not decide."""
    (met / "people.yaml").write_text(
        "people: small\npersons: [{id: ann, accounts: [ann@x.example]}, {id: bob}]\n"
    )
    for words in (("init", "-q"), ("config", "user.email", "ann@x.example")):
        subprocess.run(["git", *words], cwd=met, check=True)
    done = run("decide", "trial", "hold", "--comment", "wait", "-p", str(met))
    assert "ann decided hold" in done.output
    subprocess.run(["git", "config", "user.email", "eve@x.example"], cwd=met, check=True)
    assert "HW528" in run("decide", "trial", "hold", "--comment", "wait", "-p", str(met)).output


def test_nobody_decides_on_files_that_are_wrong(met: Path) -> None:
    """Mend first: the faults are shown and nothing is recorded."""
    (met / "extra.yaml").write_text("initiative: other\nstage: operating\n")
    done = run("decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(met))
    assert done.exit_code == 1
    assert "HW104" in done.output
    assert not (met / "ledger.head").exists()


def test_verify_mends_a_head_that_was_left_behind(met: Path) -> None:
    """HW611 is a warning; --mend-head brings the head up to the ledger."""
    for _ in range(2):
        run("decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(met))
    whole = (met / "ledger.head").read_bytes()
    run("decide", "trial", "resume", "--as", "bob", "--comment", "go", "-p", str(met))
    (met / "ledger.head").write_bytes(whole)
    behind = run("verify", str(met))
    assert behind.exit_code == 0
    assert "HW611" in behind.output
    assert "HW611" not in run("verify", str(met), "--mend-head").output


def test_verify_ends_with_one_when_the_ledger_is_gone(met: Path) -> None:
    """The committed head remembers what was there."""
    run("decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(met))
    (met / ".headway" / "ledger.db").unlink()
    done = run("verify", str(met))
    assert done.exit_code == 1
    assert "HW605" in done.output


def test_the_schema_of_the_files_is_exported() -> None:
    """A JSON Schema of the 2020-12 draft."""
    record = json.loads(run("export", "schema").stdout)
    assert record["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    ("store", "words"),
    [("${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE is not set"), ("${A_SERVER}", "keeps its store in a folder")],
)
def test_a_store_that_is_not_to_be_had_is_said_without_a_traceback(
    met: Path, store: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 3: the machine's or the set-up's fault, with one action that mends it."""
    monkeypatch.setenv("A_SERVER", "postgresql://ann:secret@db/headway")
    (met / "portfolio.yaml").write_text(f"{ONLY_EFFECT}store: {store}\n")
    done = run("review", str(met))
    assert done.exit_code == 3
    assert words in done.output
    assert "mend:" in done.output
    assert "secret" not in done.output


def test_a_fault_of_ours_ends_with_three_and_a_log(
    met: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """No traceback on the screen; the log has it."""
    from headway.cli import main as entry

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("headway.app.check.load", broken)
    monkeypatch.setattr(sys, "argv", ["headway", "check", str(met)])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 3
    shown = capsys.readouterr().err
    assert "this is our fault: ZeroDivisionError: by nought" in shown
    assert "Traceback" not in shown
    assert "ZeroDivisionError" in Path(shown.rpartition("log: ")[2].strip()).read_text()


def test_an_output_that_cannot_be_written_is_said(met: Path) -> None:
    """A folder is no file."""
    done = run("review", str(met), "-o", str(met))
    assert done.exit_code == 2
    done = run("check", str(met), "-o", str(met / "people.yaml" / "out"))
    assert done.exit_code == 1
    assert "Could not open file" in done.output
