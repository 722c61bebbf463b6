"""Sums that are partly remembered are those of the rows, whatever happened to the files in between."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.aggregates.ask import ask
from headway.aggregates.memory import Memory
from headway.aggregates.request import Request, count, greatest, least, sum_of, total
from headway.aggregates.sums import Sums
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = (
    count(), count("y"), sum_of("y"), sum_of("y", "y"), total("amount"), least("closed_at"),
    greatest("closed_at"),
)  # fmt: skip
FILES = [f"d{n}.parquet" for n in range(4)]

Row = tuple[str | None, float | None, Decimal | None, int]
Edit = tuple[str, str, list[Row]]
# Days whose values lie where those of the day before do, or very far from them.
bases = st.sampled_from([0.0, 10.0, -3e3, 1e6, 1e9])
days = bases.flatmap(
    lambda base: st.lists(
        st.tuples(
            st.sampled_from(["ai", "none", None]),
            st.none() | st.integers(-70, 70).map(lambda n: base + n / 7),
            st.none() | st.integers(-(10**30), 10**30).map(lambda a: Decimal(a).scaleb(-9)),
            st.integers(0, 90),
        ),
        max_size=8,
    )
)
nothing: st.SearchStrategy[list[Row]] = st.just([])
edits: st.SearchStrategy[Edit] = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(FILES), days),
    st.tuples(st.just("remove"), st.sampled_from(FILES), nothing),
    st.tuples(st.just("copy"), st.sampled_from(FILES), nothing),
    st.tuples(st.just("damage"), st.integers(0, 9).map(str), nothing),
)
untils = st.sampled_from([BEGIN + timedelta(days=n) for n in (30, 91, 92)])


def write(file: Path, rows: Sequence[Row]) -> None:
    """The rows of one day, as a file."""
    table = {
        "unit_id": pa.array([str(n) for n in range(len(rows))], pa.string()),
        "variant": pa.array([v for v, *_ in rows], pa.string()),
        "y": pa.array([y for _, y, *_ in rows], pa.float64()),
        "amount": pa.array([a for *_, a, _ in rows], pa.decimal128(38, 9)),
        "closed_at": pa.array([BEGIN + timedelta(days=d) for *_, d in rows], pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(table), file)


def asked(folder: Path, until: datetime, *, blind: bool) -> Sums:
    """The sums by variant, as one command would ask for them."""
    memory = Memory(folder / "kept" / "sums.db", blind=blind)
    context = Context(folder, until.isoformat(), {}, folder / ".headway", memory)
    try:
        bound = bind(Source(source="days", path="*.parquet", fact="unit"), context)
        request = Request("days", ("variant",), TERMS, until=("closed_at", until.isoformat()))
        answers = ask([request], {"days": bound}, memory=memory)
        assert not answers.faults
        return answers.sums[request]
    finally:
        context.close()


def held(rows: Sequence[Row], found: Sums) -> dict[str, float]:
    """What is exact is exact; the errors of mean and squares against sums without rounding."""
    by = {v: [r for r in rows if r[0] == v] for v in {r[0] for r in rows}}
    assert set(found.groups) == {(v,) for v in by}
    for at, (variant,) in enumerate(found.groups):
        some = by[variant]
        moments = [BEGIN + timedelta(days=d) for *_, d in some]
        assert found[count()][at] == len(some)
        assert found[count("y")][at] == sum(y is not None for _, y, *_ in some)
        assert Fraction(found[total("amount")][at]) == sum(Fraction(a) for *_, a, _ in some if a is not None)
        ends = [found[term][at] for term in (least("closed_at"), greatest("closed_at"))]
        assert ends == [min(moments), max(moments)]
    exact = [Fraction(y) for _, y, *_ in rows if y is not None]
    if not exact:
        return {}
    n, mean = len(exact), sum(exact, Fraction(0)) / len(exact)
    first, second = float(found[sum_of("y")].sum()), float(found[sum_of("y", "y")].sum())
    squares = float(sum((y - mean) ** 2 for y in exact))
    near = float(abs(Fraction(found.shift.get("y", 0.0)) + Fraction(first) / n - mean))
    return {
        "mean": near / max(float(abs(mean)), 1.0),
        "squares": abs(second - first * first / n - squares) / squares if squares else 0.0,
    }


def edit(folder: Path, files: dict[str, list[Row]], kind: str, name: str, rows: list[Row]) -> None:
    """One thing that may happen between two reviews."""
    if kind == "damage":
        for file in (folder / "kept").glob("*.db"):
            file.write_bytes(file.read_bytes()[: int(name) * 1000])
    elif kind == "write":
        files[name] = rows
    elif kind == "copy":
        files[name] = list(files[min(files)])
    elif len(files) > 1:
        files.pop(name, None)
    for at in FILES:
        (folder / at).unlink(missing_ok=True)
        if at in files:
            write(folder / at, files[at])


@given(days, st.lists(st.tuples(edits, untils), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_sums_that_are_partly_remembered_are_those_of_the_rows(
    first: list[Row], steps: list[tuple[Edit, datetime]]
) -> None:
    """Counts, ends and money are exact; means and squares hold 1e-10, or what reading everything holds."""
    folder = Path(tempfile.mkdtemp())
    files = {FILES[0]: first}
    try:
        for (kind, name, rows), until in [(("write", FILES[0], first), BEGIN + timedelta(days=91)), *steps]:
            edit(folder, files, kind, name, rows)
            seen = [r for some in files.values() for r in some if BEGIN + timedelta(days=r[3]) <= until]
            truth = held(seen, fresh(folder, until))
            for _ in range(2):
                told = held(seen, asked(folder, until, blind=False))
                for what, error in told.items():
                    assert error <= max(1e-10, 4 * truth[what]), (what, error, truth[what])
    finally:
        shutil.rmtree(folder)


def fresh(folder: Path, until: datetime) -> Sums:
    """The same, of everything read anew, with nothing kept of it."""
    with tempfile.TemporaryDirectory() as other:
        place = Path(other) / "p"
        shutil.copytree(folder, place, ignore=shutil.ignore_patterns("kept"))
        return asked(place, until, blind=True)
