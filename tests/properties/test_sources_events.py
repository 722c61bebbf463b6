"""Laws of a table made of events: files may be cut and named in any way, and arrive in any order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.events import PILOT, Row, declared, made, parquet, units

from headway.aggregates.ask import ask
from headway.aggregates.memory import Memory
from headway.aggregates.request import Request, Term, count, sum_of
from headway.facts.unit import CROSSED
from headway.sources.base import Context

COVARIATES = f"{PILOT}covariates: [y@-3d]\nproxies: [z]\n"
TERMS: tuple[Term, ...] = (
    *(count(), count(CROSSED), count("y"), sum_of("y"), sum_of("y", "y"), sum_of("y@-3d"), sum_of("z")),
)
START = datetime(2026, 1, 4)  # noqa: DTZ001  tables of moments without a zone are UTC

moments = st.integers(0, 12 * 24).map(lambda hours: START + timedelta(hours=hours))
exposures = st.builds(
    lambda unit, variant, ts: {"key": "trial", "unit_id": unit, "variant": variant, "ts": ts},
    st.integers(0, 6),
    st.sampled_from(["control", "treated"]),
    moments,
)
values = st.builds(
    lambda unit, metric, ts, value: {"metric": metric, "unit_id": unit, "ts": ts, "value": float(value)},
    st.integers(0, 6),
    st.sampled_from(["y", "z"]),
    moments,
    st.integers(-9, 9),
)
# Each metric is measured at least once, or the pilot is told that nothing carries its name.
_ONCE: list[Row] = [{"metric": m, "unit_id": 0, "ts": START, "value": 1.0} for m in ("y", "z")]


def cut(rows: Sequence[Row], files: Sequence[int]) -> dict[int, list[Row]]:
    """Rows dealt into files."""
    dealt: dict[int, list[Row]] = {}
    for row, file in zip(rows, files, strict=False):
        dealt.setdefault(file, []).append(row)
    return dealt


def as_cut(rows: st.SearchStrategy[Row], least: int) -> st.SearchStrategy[tuple[list[Row], list[int]]]:
    """Rows, and a file for each."""
    return st.lists(rows, min_size=least, max_size=25).flatmap(
        lambda some: st.tuples(
            st.just(some), st.lists(st.integers(0, 3), min_size=len(some), max_size=len(some))
        )
    )


@settings(max_examples=8)
@given(as_cut(exposures, 1), as_cut(values, 0))
def test_the_table_does_not_depend_on_how_events_lie_in_files(
    shown: tuple[list[Row], list[int]], measured: tuple[list[Row], list[int]]
) -> None:
    """All in one file, or dealt into four: the same units with the same values."""
    found = []
    for apart in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = declared(Path(name), COVARIATES)
            for kind, (rows, files) in (("exposures", shown), ("metrics", measured)):
                for file, part in cut(rows, files).items() if apart else [(9, rows)] if rows else []:
                    parquet(folder, **{f"{kind}{file}": part})
            parquet(folder, metrics10=_ONCE)
            found.append(sorted(map(repr, units(folder, ("y", "z", "y@-3d", CROSSED)))))
    assert found[0] == found[1]


def summed(folder: Path, as_of: datetime, *, remembers: bool) -> dict[object, list[float]]:
    """Per arm its units, those that crossed, those with an outcome, and sums of the outcome and its square.

    Of what is remembered and what is new, or all from the rows.
    """
    memory = Memory(folder / "kept" / "sums.db", blind=not remembers)
    context = Context(folder, "", dict(os.environ), folder / ".headway", memory)
    with closing(context):
        bound = made(folder, context, f"{as_of.isoformat()}+00:00")
        request = Request(bound.source, ("variant",), TERMS, until=("closed_at", f"{as_of.isoformat()}Z"))
        answers = ask([request], {bound.source: bound}, memory=memory)
    assert not answers.faults
    (sums,) = answers.sums.values()
    shift = sums.shift.get("y", 0.0)
    found = {}
    for at, (arm,) in enumerate(sums.groups):
        n, first, second = (float(sums[t][at]) for t in (count("y"), sum_of("y"), sum_of("y", "y")))
        whole = [first + n * shift, second + 2 * shift * first + n * shift * shift]
        found[arm] = [float(sums[count()][at]), float(sums[count(CROSSED)][at]), n, *whole]
    return found


@settings(max_examples=8)
@given(as_cut(exposures, 1), as_cut(values, 0), st.lists(st.integers(0, 18), min_size=4, max_size=4))
def test_what_arrives_late_is_counted_as_if_it_had_been_there(
    shown: tuple[list[Row], list[int]], measured: tuple[list[Row], list[int]], days: list[int]
) -> None:
    """After each arrival, sums of remembered days and new ones equal those of all rows read again."""
    with tempfile.TemporaryDirectory() as name:
        folder = declared(Path(name), COVARIATES)
        parquet(folder, metrics10=_ONCE, exposures10=[{**shown[0][0], "unit_id": 99}])
        dealt = {"exposures": cut(*shown), "metrics": cut(*measured)}
        for file, day in enumerate(days):
            for kind, parts in dealt.items():
                if file in parts:
                    parquet(folder, **{f"{kind}{file}": parts[file]})
            as_of = START + timedelta(days=day)
            kept = summed(folder, as_of, remembers=True)
            afresh = summed(folder, as_of, remembers=False)
            assert kept.keys() == afresh.keys()
            for arm, sums in kept.items():
                assert sums == pytest.approx(afresh[arm], abs=1e-9)
