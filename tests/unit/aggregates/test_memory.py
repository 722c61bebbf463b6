"""What is remembered of contents and their sums."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import RANDOMISED, Declare, two_arms

from headway.aggregates import memory as memories
from headway.aggregates.ask import Answers, ask
from headway.aggregates.kept_sums import sealed, unsealed
from headway.aggregates.memory import UNUSED, Memory, memory_file
from headway.aggregates.request import Request, count, greatest, sum_of, total
from headway.app.check import check
from headway.app.review import review
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

TERMS = (count(), sum_of("y"), sum_of("y", "y"), count("y"), greatest("closed_at"))
AS_OF = "2026-03-31T00:00:00.000000Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where one memory lies."""
    return tmp_path / "kept" / "sums.db"


Asked = Callable[..., Answers]


@pytest.fixture
def asked(tmp_path: Path, file: Path) -> Asked:
    """Ask a source for sums, as one command would: bound, asked, closed."""

    def answered(
        path: str = "*.parquet",
        until: str = AS_OF,
        since: str | None = None,
        *,
        blind: bool = False,
        **more: Any,
    ) -> Answers:
        memory = Memory(file, blind=blind)
        context = Context(tmp_path, until, {}, tmp_path / ".headway", memory)
        try:
            bound = bind(Source(source="days", path=path, fact="unit", **more), context)
            request = Request(
                "days",
                ("variant",),
                TERMS,
                until=("closed_at", until),
                since=("closed_at", since) if since else None,
            )
            return ask([request], {"days": bound}, memory=memory)
        finally:
            context.close()

    return answered


def day(folder: Path, at: int, base: float = 10.0, rows: int = 50) -> None:
    """The rows of one day, as a file."""
    table = {
        "unit_id": [f"{at}-{i}" for i in range(rows)],
        "variant": ["ai" if i % 2 else "none" for i in range(rows)],
        "y": [base + (i * 37 % 11) / 7 + at for i in range(rows)],
        "closed_at": pa.array([datetime(2026, 1, 1) + timedelta(days=at)] * rows, pa.timestamp("us")),  # noqa: DTZ001,
    }
    pq.write_table(pa.table(table), folder / f"d{at:03d}.parquet")


def without_values(folder: Path, at: int) -> None:
    """The same day before its outcome was known."""
    table = pq.read_table(folder / f"d{at:03d}.parquet")
    empty = pa.array([None] * table.num_rows, pa.float64())
    pq.write_table(table.set_column(2, "y", empty), folder / f"d{at:03d}.parquet")


def figures(found: Answers) -> dict[Any, Any]:
    """Rows, means and newest moments by group."""
    assert not found.faults
    (sums,) = found.sums.values()
    shift = sums.shift.get("y", 0.0)
    return {
        g[0]: (
            int(sums[count()][i]),
            pytest.approx(float(sums[sum_of("y")][i]) / float(sums[count("y")][i]) + shift, rel=1e-12),
            sums[greatest("closed_at")][i],
        )
        for i, g in enumerate(sums.groups)
    }


def test_an_unchanged_source_is_not_read_again(tmp_path: Path, asked: Asked) -> None:
    """The second answer is that of the first, its query's text is still known, and no scan was made."""
    for at in range(3):
        day(tmp_path, at)
    first, again = asked(), asked()
    assert figures(again) == figures(first)
    assert [(r.scans, r.remembered) for r in first.reads] == [(1, False)]
    assert [(r.scans, r.remembered, r.sql) for r in again.reads] == [(0, True, first.reads[0].sql)]


def test_of_a_new_day_only_its_own_file_is_read(tmp_path: Path, asked: Asked) -> None:
    """The text that is sent names the new file and none of the old ones; the sums are those of all."""
    for at in range(4):
        day(tmp_path, at)
    asked()
    day(tmp_path, 4)
    found = asked()
    (read,) = found.reads
    assert "d004" in read.sql.split("WHERE")[1]
    assert "d003" not in read.sql.split("WHERE")[1]
    assert figures(found) == figures(asked(blind=True))


def test_a_file_that_changed_or_vanished_changes_the_sums(tmp_path: Path, asked: Asked) -> None:
    """A day restated is read again, a day withdrawn drops out without a scan."""
    for at in range(3):
        day(tmp_path, at)
    asked()
    day(tmp_path, 1, base=99.0)
    assert figures(asked()) == figures(asked(blind=True))
    (tmp_path / "d002.parquet").unlink()
    found = asked()
    assert found.reads[0].scans == 0
    assert figures(found) == figures(asked(blind=True))


def test_days_far_from_the_shift_of_the_old_ones_keep_their_digits(tmp_path: Path, asked: Asked) -> None:
    """Days without a value shift by nothing; values near 10^12 would lose theirs: all is read."""
    for at in range(2):
        day(tmp_path, at)
        without_values(tmp_path, at)
    asked()
    day(tmp_path, 2, base=1e12)
    found, fresh = asked(), asked(blind=True)
    (sums,), (other,) = found.sums.values(), fresh.sums.values()
    assert sums.shift["y"] == pytest.approx(1e12, rel=1e-6)
    spread = [float((s[sum_of("y", "y")] - s[sum_of("y")] ** 2 / 25).sum()) for s in (sums, other)]
    assert spread[0] == pytest.approx(spread[1], rel=1e-9)
    assert spread[0] == pytest.approx(11.3, rel=0.2)


def test_days_thousands_of_deviations_from_the_old_shift_are_read_with_the_old_ones(
    tmp_path: Path, asked: Asked
) -> None:
    """The variance of all rows holds ten digits, which it would not about the shift of the first days."""
    for at in range(2):
        day(tmp_path, at)
        without_values(tmp_path, at)
    asked()
    day(tmp_path, 1, base=2999.0, rows=5000)
    values = [Fraction(2999.0 + (i * 37 % 11) / 7 + 1) for i in range(5000)]
    mean = sum(values) / len(values)
    truth = float(sum((v - mean) ** 2 for v in values))
    for _ in range(2):
        (sums,) = asked().sums.values()
        first, second = (float(sums[t].sum()) for t in (sum_of("y"), sum_of("y", "y")))
        assert abs(second - first * first / 5000 - truth) < 1e-10 * truth


def test_what_is_left_of_two_ways_of_living_is_looked_at_again(tmp_path: Path, asked: Asked) -> None:
    """Days near 10^9 and near 0 were shifted to between them: once the latter are gone, that is far off."""
    for at, base in enumerate([1e9, 0.0, 1e9]):
        day(tmp_path, at, base=base)
    asked()
    (tmp_path / "d001.parquet").unlink()
    spread = []
    for found in (asked(), asked(), asked(blind=True)):
        (sums,) = found.sums.values()
        spread.append(float(sums[sum_of("y", "y")].sum() - sums[sum_of("y")].sum() ** 2 / 100))
    assert spread == pytest.approx([spread[2]] * 3, rel=1e-10)
    assert spread[2] == pytest.approx(100 * 1.2, rel=0.5)


def test_rows_after_the_moment_judged_are_cut_off(tmp_path: Path, asked: Asked) -> None:
    """While no row is later, the moment does not matter; a file of later rows alone is left out as it is."""
    for at in range(3):
        day(tmp_path, at)
    asked()
    assert asked(until="2026-04-01T00:00:00.000000Z").reads[0].remembered
    early = asked(until="2026-01-02T12:00:00.000000Z")
    assert early.reads[0].remembered
    assert {rows for rows, *_ in figures(early).values()} == {50}
    assert {rows for rows, *_ in figures(asked()).values()} == {75}


def test_rows_before_a_start_are_cut_off(tmp_path: Path, asked: Asked) -> None:
    """A file of earlier rows alone is left out, and the others need not be read again."""
    for at in range(3):
        day(tmp_path, at)
    asked()
    later = asked(since="2026-01-02T00:00:00.000000Z")
    assert later.reads[0].remembered
    assert {rows for rows, *_ in figures(later).values()} == {50}
    assert {rows for rows, *_ in figures(asked()).values()} == {75}


@pytest.mark.parametrize("cut", ["until", "since"])
def test_a_file_that_is_cut_in_two_is_read_anew(cut: str, tmp_path: Path, asked: Asked) -> None:
    """Its rows on both sides of the moment are one answer, those on one side another; the rest stays."""
    for at in range(3):
        day(tmp_path, at)
    both = pa.concat_tables([pq.read_table(f) for f in sorted(tmp_path.glob("*.parquet"))[:2]])
    pq.write_table(both, min(tmp_path.glob("*.parquet")))
    assert {rows for rows, *_ in figures(asked()).values()} == {100}
    part = asked(**{cut: "2026-01-01T12:00:00.000000Z"})
    assert part.reads[0].scans == 1
    assert {rows for rows, *_ in figures(part).values()} == ({25} if cut == "until" else {75})
    assert asked(**{cut: "2026-01-01T12:00:00.000000Z"}).reads[0].remembered


def test_a_span_that_no_file_meets_is_empty(tmp_path: Path, asked: Asked) -> None:
    """Before the first row there is nothing, and that is an answer."""
    for at in range(2):
        day(tmp_path, at)
    answers = asked(until="2025-12-01T00:00:00.000000Z")
    assert not answers.faults
    assert figures(answers) == {}


def test_another_way_of_reading_is_another_answer(tmp_path: Path, asked: Asked) -> None:
    """The same bytes through other columns, or through a SELECT, are not what is remembered."""
    for at in range(2):
        day(tmp_path, at)
    asked()
    twice = asked(sql="select * replace (2 * y as y) from file")
    assert not twice.reads[0].remembered
    assert not asked(columns={"y": "y", "variant": "variant"}).reads[0].remembered
    assert asked(sql="select * replace (2 * y as y) from file").reads[0].remembered


def _twice(told: dict[str, Any]) -> None:
    told["groups"][0]["names"] = told["groups"][0]["names"][:1] * 2


DAMAGE: dict[str, Callable[[bytes], object]] = {
    "a bit": lambda kept: kept[:-1] + bytes([kept[-1] ^ 1]),
    "cut off": lambda kept: kept[: len(kept) // 2],
    "nothing": lambda _: b"",
    "a word": lambda _: '"sums"',
    "a number": lambda _: 7,
}
OTHER_FORM: dict[str, Callable[[dict[str, Any]], object]] = {
    "one group twice": _twice,
    "a key more": lambda told: told["groups"].append(told["groups"][0]),
    "a term less": lambda told: told["values"].pop(),
    "a column of another length": lambda told: told["values"][0].__setitem__(2, 1),
    "a column beyond the end": lambda told: told["values"][0].__setitem__(1, 10**9),
    "numbers of no kind": lambda told: told["values"][0].__setitem__(0, "f2"),
    "a sum as whole numbers": lambda told: told["values"].__setitem__(-1, told["groups"][0]["at"]),
    "no shift": lambda told: told.pop("shift"),
}


def reformed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """The same bytes with something else in their first line, and sealed as if headway had written it."""

    def damage(kept: bytes) -> bytes:
        line, _, numbers = (unsealed(kept) or b"").partition(b"\n")
        told = json.loads(line)
        change(told)
        changed = json.dumps(told).encode()
        return sealed(changed + b" " * (-(len(changed) + 1) % 8) + b"\n" + numbers)

    return damage


@pytest.mark.parametrize("damage", ["garbage", *DAMAGE, *OTHER_FORM])
def test_what_is_damaged_is_read_again(tmp_path: Path, asked: Asked, file: Path, damage: str) -> None:
    """A file that is no database, an entry that has not the form of sums: the answer is that of the rows."""
    day(tmp_path, 0)
    day(tmp_path, 1)
    first = figures(asked())
    if damage == "garbage":
        file.write_bytes(b"no database at all, but longer than the header of one" * 50)
    else:
        with sqlite3.connect(file) as open_file:
            rows = open_file.execute("select name, value from kept").fetchall()
            for name, value in rows:
                if isinstance(value, bytes):
                    done = {**DAMAGE, **{k: reformed(c) for k, c in OTHER_FORM.items()}}[damage](value)
                    open_file.execute("update kept set value = ? where name = ?", (done, name))
        open_file.close()
    found = asked()
    assert figures(found) == first
    assert not found.reads[0].remembered
    assert asked().reads[0].remembered


def test_two_commands_at_once_wait_for_each_other(tmp_path: Path, asked: Asked, file: Path) -> None:
    """While another one writes for too long, nothing is kept and nothing is lost."""
    day(tmp_path, 0)
    first = figures(asked())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    day(tmp_path, 1)
    assert figures(asked()) != first
    other.execute("rollback")
    other.close()
    assert not asked().reads[0].remembered


def test_only_the_user_reads_it_and_what_nobody_asks_for_is_forgotten(
    tmp_path: Path, asked: Asked, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums over few people are confidential; two months on, what was not used is gone."""
    day(tmp_path, 0)
    asked()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with sqlite3.connect(file) as open_file:
        open_file.execute("update kept set used = ?", (str(date(2026, 1, 1)),))
    open_file.close()
    day(tmp_path, 0, base=3.0)
    asked()
    with sqlite3.connect(file) as open_file:
        kept = open_file.execute("select count(*) from kept where used < '2026-02-01'").fetchone()
    open_file.close()
    assert kept == (0,)
    assert timedelta(days=30) < UNUSED
    monkeypatch.setattr(memories, "MOST_BYTES", 10)
    assert not asked().reads[0].remembered


def test_without_a_cache_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HEADWAY_CACHE=off, or a folder that cannot be made: a memory that stays empty."""
    monkeypatch.setenv("HEADWAY_CACHE", "off")
    assert memory_file(tmp_path) is None
    empty = Memory()
    empty.put("a", 1)
    assert empty.get("a") is None
    empty.close()
    (tmp_path / "taken").write_text("a file")
    shut = Memory(tmp_path / "taken" / "sums.db")
    shut.put("a", 1)
    assert shut.get("a") is None
    shut.close()


def test_a_table_that_cannot_tell_whether_it_changed_is_read_at_every_review(
    tmp_path: Path, file: Path
) -> None:
    """Without a watermark there is nothing to remember it by; with one, there is."""
    import duckdb

    with duckdb.connect(str(tmp_path / "w.db")) as made:
        made.execute("create table t as select 1 as unit_id, 'ai' as variant, 2.0 as y, now() as changed")
    engine = f"duckdb:///{tmp_path}/w.db"

    def read(**more: Any) -> bool:
        memory = Memory(file)
        context = Context(tmp_path, AS_OF, {}, tmp_path, memory)
        source = Source(source="t", kind="sql", engine=engine, table="t", fact="unit", **more)
        request = Request("t", (), (count(), total("y")))
        found = ask([request], {"t": bind(source, context)}, memory=memory)
        context.close()
        return found.reads[0].remembered

    assert [read(), read()] == [False, False]
    assert [read(watermark="changed"), read(watermark="changed")] == [False, True]


_WARM = """
import sys
from headway.app.check import check
from headway.app.review import review
from pathlib import Path
made = review(check(Path(sys.argv[1])))
heavy = {"ibis", "duckdb", "pyarrow", "pandas"} & set(sys.modules)
print(made.initiatives[0].verdict.state.value, sorted(heavy))
"""


def test_a_warm_review_opens_no_engine(declare: Declare) -> None:
    """Neither the engine nor its packages are imported where everything is remembered."""
    folder = declare(RANDOMISED, two_arms())
    state = review(check(folder)).initiatives[0].verdict
    warm = subprocess.run(
        [sys.executable, "-c", _WARM, str(folder)], capture_output=True, text=True, check=True
    )
    assert state
    assert warm.stdout.strip() == f"{state.state.value} []"


def test_recompute_reads_everything_again(declare: Declare) -> None:
    """And comes to the same."""
    folder = declare(RANDOMISED, two_arms())
    first, again = review(check(folder)), review(check(folder), recompute=True)
    assert {r.remembered for r in again.collected.reads} == {False}
    assert [e.id for e in again.collected.evidence["trial"]] == [
        e.id for e in first.collected.evidence["trial"]
    ]
