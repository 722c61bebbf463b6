"""What is kept on the machine, and letting go of it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.small import PORTFOLIO, RANDOMISED, Declare, two_arms

from headway.app.check import check
from headway.app.purge import KINDS, cached, purge, remove
from headway.app.remembered import findings
from headway.app.review import review
from headway.cli.purge import _KINDS, command
from headway.kernel.errors import HeadwayError
from headway.portfolio.load import Portfolio
from headway.sources.kept_days import days_folder

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder and a place for logs of the test's own."""
    for name, variable in (("cache", "HEADWAY_CACHE"), ("logs", "TMPDIR")):
        (tmp_path / "places" / name).mkdir(parents=True)
        monkeypatch.setenv(variable, str(tmp_path / "places" / name))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path / "places"


@pytest.fixture
def used(declare: Declare, places: Path) -> Portfolio:
    """A portfolio of many files that was checked and reviewed long ago, and a failure of then."""
    more = {f"c{i}": f"component: c{i}\n" for i in range(25)}
    folder = declare(RANDOMISED, two_arms(), portfolio=PORTFOLIO + "retention: 30d\n", **more)
    os.utime(folder / "units.parquet", (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    findings(folder)
    made = review(check(folder))
    (places / "logs" / "headway-x.log").write_text("a traceback")
    day = places / "cache" / _days(folder) / "fleet" / "2026-03-01.parquet"
    day.parent.mkdir(parents=True)
    day.write_text("rows")
    kept = [p for p in places.rglob("*") if p.is_file()]
    for file in [*kept, folder / ".headway" / "digests.json"]:
        os.utime(file, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return made.portfolio


def _days(folder: Path) -> str:
    found = days_folder(folder / ".headway")
    assert found is not None
    return found.name


def test_what_is_unused_for_longer_than_the_retention_goes(used: Portfolio) -> None:
    """Every kind is found; what goes is removed, and the answers afterwards are those of before."""
    found = purge(used, cached(used.root), (), None, NOW)
    before = review(check(used.root))
    assert {i.kind for i in found.old} == set(KINDS)
    assert found.older_than == timedelta(days=30)
    remove(found)
    assert purge(used, cached(used.root), (), None, NOW).items == ()
    after = review(check(used.root))
    ids = [[e.id for e in made.collected.evidence["trial"]] for made in (before, after)]
    assert ids[0] == ids[1]


def test_what_was_used_since_stays(used: Portfolio) -> None:
    """The span asked for wins over the portfolio's own; a kind not asked for is not looked at."""
    assert purge(used, cached(used.root), (), timedelta(days=365), NOW).old == ()
    (one,) = purge(used, cached(used.root), ("sums",), None, NOW).old
    assert (one.kind, one.size > 0, one.used) == ("sums", True, LONG_AGO)


def test_the_ledger_is_never_among_it(used: Portfolio) -> None:
    """What a decision rests on lies beside the digests and stays."""
    (used.root / ".headway" / "ledger.db").write_text("the ledger")
    remove(purge(used, cached(used.root), (), timedelta(0), NOW))
    assert {p.name for p in (used.root / ".headway").iterdir()} == {"ledger.db", ".gitignore"}


def test_the_command_shows_first_and_removes_when_told(used: Portfolio, places: Path) -> None:
    """A line for each file, and what they come to."""
    folder = str(used.root)
    shown = CliRunner().invoke(command, [folder]).output.splitlines()
    assert shown[-1].endswith("unused for 30d; --write removes them")
    assert sum(line.startswith("goes") for line in shown) == 6
    words = [folder, "--format", "json", "--older-than", "5000d"]
    kept = json.loads(CliRunner().invoke(command, words).output)
    assert (kept["schema"], kept["old"], len(kept["kept"])) == ("headway.purge/1", [], 6)
    idle = CliRunner().invoke(command, [folder, "--older-than", "5000d"]).output
    assert idle.splitlines()[-1] == "nothing has been unused for 5000d"
    gone = CliRunner().invoke(command, [folder, "--write"]).output
    assert gone.splitlines()[-1].endswith(", removed")
    left = CliRunner().invoke(command, [folder]).output.splitlines()
    assert left[-1] == "nothing has been unused for 30d"


def test_a_span_that_is_none_and_a_folder_that_is_no_portfolio(used: Portfolio, tmp_path: Path) -> None:
    """A usage error, and the finding of `check`."""
    wrong = CliRunner().invoke(command, [str(used.root), "--older-than", "soon"])
    assert (wrong.exit_code, "'soon' is not a duration" in wrong.output) == (2, True)
    (tmp_path / "empty").mkdir()
    assert CliRunner().invoke(command, [str(tmp_path / "empty")]).exit_code == 1


def test_a_file_that_cannot_be_removed_is_named(used: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was attempted, on what, and what the machine said."""

    def refused(self: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(13, os.strerror(13), str(self))

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(HeadwayError, match="Permission denied"):
        remove(purge(used, cached(used.root), (), None, NOW))


def test_somebody_elses_files_are_not_looked_at(used: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of logs is shared by everybody on the machine."""
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert purge(used, cached(used.root), ("logs",), None, NOW).items == ()


def test_the_commands_words_are_the_use_cases() -> None:
    """The command does not import it to know them."""
    assert set(_KINDS) == set(KINDS)
