"""A day of events costs a day: what is read again when files arrive, or change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.events import PILOT, Row, declared, made, parquet

from headway.aggregates.ask import Answers, ask
from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.aggregates.request import Request, count, sum_of
from headway.facts import EXPOSURE
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context, bind
from headway.sources.event_days import seen

FIRST = date(2026, 1, 5)
LONG = f"{PILOT}covariates: [y@-3d]\n"


@dataclass(frozen=True)
class Asked:
    """What one command read: the days on which units close, and the files of events."""

    days: list[str]
    files: list[str]
    total: float


def arrive(folder: Path, day: date, value: float = 1.0) -> None:
    """The exposures and values of a day: two people are first seen on it, everybody has a value."""
    at = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001  tables without a zone are UTC
    age = (day - FIRST).days
    exposures: list[Row] = [
        {"key": "trial", "unit_id": 2 * age + i, "variant": arm, "ts": at}
        for i, arm in enumerate(("control", "treated"))
    ]
    values: list[Row] = [
        {"metric": "y", "unit_id": unit, "ts": at + timedelta(hours=1), "value": value}
        for unit in range(2 * age + 2)
    ]
    parquet(folder, **{f"exposures-{day}": exposures, f"metrics-{day}": values})


def asked(folder: Path, as_of: str, pilot: str = LONG) -> Asked:
    """The sum of the outcome, asked as one command would, and what was read for it."""
    memory = Memory(folder / "kept" / "sums.db")
    context = Context(declared(folder, pilot), as_of, dict(os.environ), folder / ".headway", memory)
    with closing(context):
        bound = made(folder, context, f"{as_of}T00:00:00Z")
        request = Request(bound.source, ("variant",), (count("y"), sum_of("y")))
        answers = ask([request], {bound.source: bound}, memory=memory)
    assert not answers.faults
    sums = answers.sums[request]
    total = float(sums[sum_of("y")].sum() + sums[count("y")].sum() * sums.shift.get("y", 0.0))
    return Asked(*_read(answers), total)


def _read(answers: Answers) -> tuple[list[str], list[str]]:
    (read,) = answers.reads
    if read.remembered:
        return [], []
    return _distinct(r"'(2026-\d\d-\d\d)'", read.sql), _distinct(r"(\w+-2026-\d\d-\d\d)\.parquet", read.sql)


def _distinct(pattern: str, text: str) -> list[str]:
    return sorted(set(re.findall(pattern, text)))


def days(first: str, last: str) -> Iterable[date]:
    """Days from one to another."""
    at = date.fromisoformat(first)
    while at <= date.fromisoformat(last):
        yield at
        at += timedelta(days=1)


def test_a_new_day_is_read_and_the_days_before_are_remembered(tmp_path: Path) -> None:
    """Windows of two days with a covariate of three: the files of six days, and every exposure."""
    for day in days("2026-01-05", "2026-01-19"):
        arrive(tmp_path, day)
    before = asked(tmp_path, "2026-01-20")
    assert before.days == [str(day) for day in days("2026-01-07", "2026-01-20")]
    arrive(tmp_path, date(2026, 1, 20))
    after = asked(tmp_path, "2026-01-21")
    # At midnight the last day has begun: units may close in that moment, and the day is read again when over.
    assert after.days == ["2026-01-20", "2026-01-21"]
    values = [f for f in after.files if f.startswith("metrics")]
    assert values == [f"metrics-{day}" for day in days("2026-01-15", "2026-01-20")]
    # Two people of the 18th, watched on the 18th, 19th and 20th up to nine o'clock.
    assert after.total - before.total == 4
    assert asked(tmp_path, "2026-01-21").days == []


def test_a_late_row_is_read_with_the_days_that_it_can_reach(tmp_path: Path) -> None:
    """A value corrected on the 10th matters to units that close from that day to five days later."""
    for day in days("2026-01-05", "2026-01-25"):
        arrive(tmp_path, day)
    before = asked(tmp_path, "2026-01-26")
    late = (tmp_path / "metrics-2026-01-10.parquet").stat()
    arrive(tmp_path, date(2026, 1, 10), 2.0)
    os.utime(tmp_path / "metrics-2026-01-10.parquet", ns=(late.st_atime_ns, late.st_mtime_ns + 10**9))
    after = asked(tmp_path, "2026-01-26")
    assert after.days == [str(day) for day in days("2026-01-10", "2026-01-15")]
    assert after.total - before.total == 4


def test_a_day_in_whose_middle_one_looks_is_read_again_at_its_end(tmp_path: Path) -> None:
    """A day that was not over is not remembered as one that was."""
    for day in days("2026-01-05", "2026-01-10"):
        arrive(tmp_path, day)
    noon = PILOT.replace("ends: 2026-03-01", "ends: 2026-01-10")
    assert asked(tmp_path, "2026-01-10", noon).days[-1] == "2026-01-10"
    assert asked(tmp_path, "2026-01-11", noon).days == []
    assert asked(tmp_path, "2026-01-11", PILOT).days == ["2026-01-10", "2026-01-11"]


def test_a_source_is_looked_at_part_by_part_and_once(tmp_path: Path) -> None:
    """Span and names of a file are remembered under its content, and it is not opened again."""
    arrive(tmp_path, FIRST)
    arrive(tmp_path, FIRST + timedelta(days=1))
    memory = Memory(tmp_path / "kept.db")
    bounds: list[Bound] = []
    context = Context(declared(tmp_path), "", {}, tmp_path / ".headway", memory)
    with closing(context):
        bounds.append(_exposures(tmp_path, context))
        first = seen(bounds[0], "key", memory)
        assert [piece.names for piece in first.pieces] == [{"trial"}, {"trial"}]
        memory.close()
        unopened = replace(bounds[0], opening=pytest.fail)
        assert seen(unopened, "key", memory).pieces == first.pieces


@pytest.mark.parametrize("kept", ["gone", {}, {"first": 3, "last": None, "names": []}])
def test_what_is_kept_in_another_form_is_looked_at_again(tmp_path: Path, kept: object) -> None:
    """Nothing that was kept can break a review."""
    arrive(tmp_path, FIRST)
    memory = Memory(tmp_path / "kept.db")
    context = Context(declared(tmp_path), "", {}, tmp_path / ".headway", memory)
    with closing(context):
        bound = _exposures(tmp_path, context)
        first = seen(bound, "key", memory)
        memory.put(digest(["events", "key", bound.digest]), kept)
        memory.close()
        assert seen(bound, "key", memory).pieces == first.pieces


def test_a_file_without_a_row_is_on_no_day(tmp_path: Path) -> None:
    """Nothing depends on it, and nothing is read for it."""
    arrive(tmp_path, FIRST)
    arrive(tmp_path, FIRST + timedelta(days=1))
    before = asked(tmp_path, "2026-01-10")
    table = pq.read_table(tmp_path / f"exposures-{FIRST}.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "exposures-0.parquet")
    assert asked(tmp_path, "2026-01-10").days == []
    (tmp_path / f"exposures-{FIRST}.parquet").unlink()
    (tmp_path / f"exposures-{FIRST + timedelta(days=1)}.parquet").unlink()
    pq.write_table(table, tmp_path / "exposures-1.parquet")
    assert (before.total, asked(tmp_path, "2026-01-10").total) == (6, 4)


def _exposures(folder: Path, context: Context) -> Bound:
    context.folder = folder
    return bind(Source(source="exposures", path="exposures*.parquet", fact=EXPOSURE.name), context)
