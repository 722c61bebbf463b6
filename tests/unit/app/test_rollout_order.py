"""An order is drawn once, before anybody starts, by somebody who is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.rolled import DRAWN, PANEL, TEAMS, panel
from tests.unit.small import Declare, estimates, reviewed

from headway.app import rollout_order
from headway.cli.main import cli

BEFORE = datetime(2025, 4, 1, 9, tzinfo=UTC)
STARTS = ("--start", "2025-05-01", "--start", "2025-07-01", "--start", "never")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first of April 2025."""
    monkeypatch.setattr(rollout_order, "now", lambda: BEFORE)


@pytest.fixture
def folder(declare: Declare) -> Path:
    """A rollout that is declared, with a panel of eighty teams in which nobody was treated yet."""
    rows = panel(dict.fromkeys(TEAMS, "never"))
    rows["stratum"] = ["north" if int(str(u)[-2:]) % 2 else "south" for u in rows["unit_id"]]
    return declare(DRAWN, rows, source=PANEL)


def order(folder: Path, *words: str) -> Result:
    """What `headway rollout order trial` says."""
    given = words if "--start" in words else (*STARTS, *words)
    return CliRunner().invoke(cli, ["rollout", "order", "trial", "-p", str(folder), *given])


def as_json(folder: Path, *words: str) -> Any:
    """The same as a record."""
    answer = order(folder, "--as", "ann", "--format", "json", *words)
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_an_order_goes_into_the_ledger_before_the_first_start(clock: None, folder: Path) -> None:
    """Every team is dealt, evenly within strata, and the next review knows the order."""
    made = as_json(folder)
    assert (made["recorded"], made["seq"], made["actor"]) == (True, 1, "ann")
    assert made["at"] == "2025-04-01T09:00:00.000000Z"
    assert (made["units"], made["strata"]) == (80, 2)
    assert sorted(made["per_start"].values()) == [26, 27, 27]
    assert set(made["starts"]) == set(TEAMS)
    assert (folder / "ledger.head").exists()
    assert CliRunner().invoke(cli, ["verify", str(folder)]).exit_code == 0


def test_a_rollout_that_follows_what_was_drawn_is_grade_a(
    clock: None, folder: Path, declare: Declare
) -> None:
    """From the lot to the grade, without a word typed in between."""
    starts = as_json(folder, "--seed", "7")["starts"]
    found = estimates(reviewed(declare(DRAWN, panel(starts), source=PANEL)), "effect")["y"]
    assert (found["grade"], found["followed"]) == ("A", 1.0)


def test_an_order_is_drawn_once(clock: None, folder: Path) -> None:
    """A second lot would let people choose: HW907, and the ledger keeps one entry."""
    as_json(folder)
    again = order(folder, "--as", "ann")
    assert again.exit_code == 1
    assert "error[HW907] entry 1 of the ledger holds the order drawn on 2025-04-01" in again.stderr


def test_a_dry_run_says_how_many_and_not_who(clock: None, folder: Path) -> None:
    """What could be looked at could be drawn until it pleases; nothing is recorded."""
    made = as_json(folder, "--dry-run")
    assert (made["recorded"], made["seed"], made["starts"]) == (False, None, {})
    assert sum(made["per_start"].values()) == 80
    assert not (folder / "ledger.head").exists()
    assert "nothing was drawn" in order(folder, "--dry-run").stdout


def test_the_seed_may_come_from_a_public_drawing(clock: None, folder: Path) -> None:
    """The named seed gives the order that it always gives, and the terminal lists it."""
    answer = order(folder, "--as", "ann", "--seed", "4 8 15 16 23 42")
    assert "2025-05-01: 26 units: team-" in answer.stdout or "2025-05-01: 27 units: team-" in answer.stdout
    assert "ann drew the order of 80 units in 2 strata, seed 4 8 15 16 23 42" in answer.stdout


def test_units_may_be_a_list(clock: None, folder: Path, tmp_path: Path) -> None:
    """A CSV file names them where no panel does yet."""
    file = tmp_path / "sites.csv"
    file.write_text("name\na\n")
    assert "HW303" in order(folder, "--as", "ann", "--units", str(file)).stderr
    file.write_bytes(b"\xff\xfe\x00unit_id")
    assert "HW302" in order(folder, "--as", "ann", "--units", str(file)).stderr
    file.write_text("unit_id,stratum\na,n\nb,n\nc,s\nd,s\ne,s\nf,s\n")
    made = as_json(folder, "--units", str(file))
    assert (made["units"], made["strata"]) == (6, 2)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--as", "nobody"), "HW528"),
        (("--start", "2025-05-01"), "HW907"),
        (("--start", "2025-05-01", "--start", "2025-05-01"), "HW907"),
        (("--start", "2025-03-01", "--start", "2025-07-01"), "HW907"),
        (tuple(w for i in range(50) for w in ("--start", f"2025-06-{i}")), "HW907"),
    ],
)
def test_what_may_not_be_drawn_is_refused(
    clock: None, folder: Path, words: tuple[str, ...], code: str
) -> None:
    """Nobody known, one start, one start twice, a start that is past, more starts than pairs of units."""
    answer = order(folder, "--as", "ann", *words)
    assert answer.exit_code == 1
    assert f"error[{code}]" in answer.stderr
    assert not (folder / "ledger.head").exists()


def test_another_design_has_no_order(clock: None, declare: Declare) -> None:
    """A pilot that is no rollout, and a start whose day nobody knows, are told."""
    other = declare(DRAWN.replace("rollout_order", "staggered"), panel(), source=PANEL)
    assert "error[HW432]" in order(other, "--as", "ann").stderr
    undated = declare(
        DRAWN.replace("dates: {starts: 2025-05-01, ends: 2025-12-31}\n", ""), panel(), source=PANEL
    )
    assert "no day is known" in order(undated, "--as", "ann", "--start", "7", "--start", "9").stderr


def test_units_that_cannot_be_read_are_told(clock: None, declare: Declare) -> None:
    """No source by that name, no file behind it, and no initiative of that name."""
    gone = declare(DRAWN, panel(), source=PANEL)
    (gone / "units.parquet").unlink()
    answer = order(gone, "--as", "ann")
    assert answer.exit_code == 2
    assert "HW301" in answer.stderr
    nobody = CliRunner().invoke(cli, ["rollout", "order", "tria", "-p", str(gone), *STARTS])
    assert nobody.exit_code == 2
    assert "Did you mean 'trial'?" in nobody.stderr
