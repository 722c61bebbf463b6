"""What changed since a day or a revision: the files as they were, judged as of then."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from tests.unit.small import FRAMED, OUTCOME, PORTFOLIO, RANDOMISED, SOURCE, Declare, two_arms

from headway.cli.main import cli

UNPINNED = PORTFOLIO.replace("as_of: 2026-03-31\n", "")
TEAM = "cost: {people: [{role: engineer, rate: 1000 EUR per month}]}\n"


def git(folder: Path, *words: str, at: str = "2026-03-01T12:00:00Z") -> None:
    """Run Git as ann, at a moment."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        own |= {f"GIT_{who}_NAME": "ann", f"GIT_{who}_EMAIL": "ann@example.org", f"GIT_{who}_DATE": at}
    subprocess.run(["git", *words], cwd=folder, check=True, env={**os.environ, **own}, capture_output=True)


def commit(folder: Path, at: str = "2026-03-01T12:00:00Z", tag: str = "") -> None:
    """Commit everything in a folder at a moment."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it is", at=at)
    if tag:
        git(folder, "tag", tag)


def run(folder: Path, since: str, *words: str) -> Result:
    """`headway review --since`."""
    return CliRunner().invoke(cli, ["review", str(folder), "--since", since, *words])


def changes(folder: Path, since: str, *words: str) -> dict[str, Any]:
    """The record's `changes`."""
    done = run(folder, since, "--format", "json", *words)
    assert done.exit_code == 0, done.output
    made: dict[str, Any] = json.loads(done.stdout)["changes"]
    return made


def test_nothing_changed_says_so(declare: Declare) -> None:
    """The same files, the same numbers: one line, near the top."""
    folder = declare(RANDOMISED, two_arms())
    commit(folder, tag="v1")
    found = changes(folder, "v1")
    lists = [v for v in found.values() if isinstance(v, list)]
    assert lists == [[]] * 7
    assert found["as_of"].startswith("2026-03-31")
    assert found["initiatives"] == {"new": [], "removed": []}
    text = run(folder, "v1").stdout
    assert "Nothing changed: the same initiatives" in text
    assert text.index("Nothing changed") < text.index("Next moves")


def test_everything_that_moved_is_told_with_the_numbers_before_and_after(declare: Declare) -> None:
    """New and removed initiatives, an effect with both intervals, and spend."""
    folder = declare(RANDOMISED, two_arms(40), other=FRAMED.replace("trial", "gone"))
    commit(folder, tag="v1")
    (folder / "other.yaml").write_text(FRAMED.replace("trial", "fresh"))
    text = (folder / "initiative.yaml").read_text()
    (folder / "initiative.yaml").write_text(text + TEAM)
    _write(folder / "units.parquet", two_arms(400))
    found = changes(folder, "v1")
    assert found["initiatives"] == {"new": ["fresh"], "removed": ["gone"]}
    (effect,) = found["effects"]
    assert effect["metric"] == "y"
    narrower = [e["high"] - e["low"] for e in (effect["after"], effect["before"])]
    assert narrower[0] < narrower[1]
    assert found["spend"] == [
        {"basis": "declared", "currency": "EUR", "before": "0", "after": "12000", "added": "12000"}
    ]
    shown = run(folder, "v1").stdout
    for words in ("new: fresh", "gone: gone", "a year's spend at declared rates grew by 12,000 EUR"):
        assert words in shown


def test_a_requirement_that_flips_shows_what_it_saw_on_both_sides(declare: Declare) -> None:
    """A harder objective turns met into missed; the verdict follows; so does a stage that moved."""
    folder = declare(RANDOMISED, two_arms(), other=FRAMED.replace("trial", "moved"))
    commit(folder, tag="v1")
    text = (folder / "initiative.yaml").read_text()
    (folder / "initiative.yaml").write_text(text.replace('change: "-0.5"', 'change: "-3"'))
    stage = "stage: proposed"
    (folder / "other.yaml").write_text(FRAMED.replace("trial", "moved").replace("stage: framed", stage))
    found = changes(folder, "v1")
    (row,) = found["requirements"]
    assert (row["id"], row["before"], row["after"]) == ("scale.value.effect", "met", "missed")
    assert "beyond" in row["saw_before"]
    assert "does not reach" in row["saw_after"]
    assert found["verdicts"] == [
        {"initiative": "trial", "gate": "scale", "before": "missing", "after": "missed"}
    ]
    assert found["stages"] == [
        {"initiative": "moved", "what": "stage", "before": "framed", "after": "proposed"}
    ]


def test_a_day_takes_the_files_of_that_day(declare: Declare) -> None:
    """The last commit before its end, judged as of its end."""
    folder = declare(portfolio=UNPINNED)
    commit(folder, "2026-03-01T12:00:00Z")
    (folder / "other.yaml").write_text(FRAMED.replace("trial", "fresh"))
    commit(folder, "2026-03-10T12:00:00Z")
    found = changes(folder, "2026-03-05", "--as-of", "2026-03-31")
    assert found["initiatives"]["new"] == ["fresh"]
    assert found["as_of"].startswith("2026-03-05T23:59:59")
    assert changes(folder, "2026-03-10", "--as-of", "2026-03-31")["initiatives"]["new"] == []


def test_a_revision_without_a_pinned_moment_is_judged_at_its_commit(declare: Declare) -> None:
    """As things were known when it was committed; evidence that has expired since then is told."""
    lasting = OUTCOME.replace("valid_until: 2027-01-01", "valid_until: 2030-01-01")
    folder = declare(RANDOMISED, two_arms(), portfolio=UNPINNED, outcome=lasting)
    commit(folder, "2026-03-20T12:00:00Z")
    found = changes(folder, "HEAD", "--as-of", "2028-01-01")
    assert found["as_of"].startswith("2026-03-20T12:00:00")
    assert {(e["initiative"], e["metric"]) for e in found["expired"]} >= {("trial", "y")}
    assert "evidence on y expired on" in run(folder, "HEAD", "--as-of", "2028-01-01").stdout


@pytest.mark.parametrize("path", ["../../units.parquet", "units.parquet"])
def test_rows_outside_git_are_those_of_today(declare: Declare, path: str) -> None:
    """Rows that Git never kept, beside the portfolio's files or above them, are bound where they lie."""
    top = declare(rows=two_arms())
    folder = top / "firm" / "ai"
    folder.mkdir(parents=True)
    for file in top.glob("*.yaml"):
        file.rename(folder / file.name)
    (folder / "source.yaml").write_text(SOURCE.replace("units.parquet", path))
    (top / "units.parquet").rename(folder / path)
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    piloting = FRAMED.replace("stage: framed", "stage: piloting") + block
    (folder / "initiative.yaml").write_text(piloting)
    (top / ".gitignore").write_text("*.parquet\n")
    commit(top, tag="v1")
    assert changes(folder, "v1")["effects"] == []


def test_a_link_in_git_leads_where_it_led(declare: Declare) -> None:
    """A file that is a link, a folder that is hidden, and a repository inside are no obstacle."""
    folder = declare(RANDOMISED, two_arms())
    (folder / "initiative.yaml").rename(folder / "initiative.txt")
    (folder / "initiative.yaml").symlink_to("initiative.txt")
    inner = folder / "inner"
    inner.mkdir()
    (inner / "a.txt").write_text("a")
    commit(inner)
    commit(folder, tag="v1")
    assert changes(folder, "v1")["effects"] == []


def test_a_row_that_git_kept_is_read_as_it_was(declare: Declare) -> None:
    """A table that was deleted since then is still there for the earlier review."""
    folder = declare(RANDOMISED, two_arms())
    commit(folder, tag="v1")
    (folder / "units.parquet").unlink()
    (effect,) = changes(folder, "v1")["effects"]
    assert effect["after"] is None
    assert effect["before"]["grade"] == "A"
    assert "not measured" in run(folder, "v1").stdout


def test_decisions_since_then_are_told(declare: Declare) -> None:
    """By name, with the gate; and the last one stands beside the initiative."""
    folder = declare(RANDOMISED, two_arms())
    people = "people: small\npersons: [{id: ann}, {id: bob, name: Bob Lee}]\n"
    (folder / "people.yaml").write_text(people)
    commit(folder, tag="v1")
    words = ["decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(folder)]
    assert CliRunner().invoke(cli, words).exit_code == 0
    (taken,) = changes(folder, "v1")["decisions"]
    assert (taken["actor"], taken["kind"], taken["initiative"], taken["seq"]) == ("bob", "hold", "trial", 1)
    assert "Bob Lee decided hold for trial" in run(folder, "v1").stdout
    record = json.loads(CliRunner().invoke(cli, ["review", str(folder), "--format", "json"]).stdout)
    assert record["initiatives"][0]["decision"]["kind"] == "hold"
    assert record["moves"][0]["what"] == "write into its file what was decided: status: on-hold"


def test_one_initiative_is_compared_with_itself(declare: Declare) -> None:
    """With --initiative nothing else is new, gone or read."""
    folder = declare(RANDOMISED, two_arms(), other=FRAMED.replace("trial", "other"))
    commit(folder, tag="v1")
    found = changes(folder, "v1", "--initiative", "trial")
    assert found["initiatives"] == {"new": [], "removed": []}


def test_a_day_without_git_judges_the_files_of_today(declare: Declare) -> None:
    """So does a day before the first commit; and the heading says so."""
    folder = declare(RANDOMISED, two_arms())
    found = changes(folder, "2026-02-01")
    assert found["revision"] is None
    (flip,) = [r for r in found["requirements"] if r["id"] == "scale.value.effect"]
    assert (flip["before"], flip["after"]) == ("missing", "met")
    commit(folder)
    assert changes(folder, "2026-02-01")["revision"] is None
    assert "Since 1 Feb 2026 (today's files as of then)" in run(folder, "2026-02-01").stdout


@pytest.mark.parametrize(
    ("since", "code"),
    [("no-such-tag", "HW130"), ("2026-02-31", "HW130"), ("2026-03-31", "HW133"), ("--all", "HW130")],
)
def test_what_cannot_be_compared_with_is_a_usage_error(declare: Declare, since: str, code: str) -> None:
    """Status 2 and one action; a word that looks like an option of Git is none."""
    folder = declare()
    commit(folder)
    done = run(folder, since)
    assert done.exit_code == 2
    assert f"headway: error[{code}]" in done.output
    assert "mend:" in done.output


def test_a_revision_needs_git(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository, and without Git itself, a revision is nothing."""
    folder = declare()
    assert "HW131" in run(folder, "main").output
    monkeypatch.setenv("PATH", "")
    assert "HW131" in run(folder, "main").output


def test_a_portfolio_that_was_broken_then_says_what_was_wrong(declare: Declare) -> None:
    """And a commit that is later than the moment judged now is not earlier."""
    folder = declare(portfolio="headway: 1\n")
    commit(folder, tag="broken")
    (folder / "portfolio.yaml").write_text(UNPINNED)
    done = run(folder, "broken")
    assert done.exit_code == 2
    assert "HW132" in done.output
    commit(folder, "2026-06-01T12:00:00Z", tag="late")
    assert "HW133" in run(folder, "late", "--as-of", "2026-05-01").output


def _write(file: Path, rows: dict[str, Any]) -> None:
    pq.write_table(pa.table({k: pa.array(np.asarray(v)) for k, v in rows.items()}), file)
