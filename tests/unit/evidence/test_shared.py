"""Units in two running pilots: counted where they lie, remembered, and what cannot be compared is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO, RANDOMISED, reviewed

from headway.evidence import shared
from headway.evidence.shared import Overlaps

BUDGETED = PORTFOLIO + "promotion_budget: {slots: 4}\n"
RUNNING = RANDOMISED.replace("ends: 2026-03-01", "ends: 2026-06-01")
FILE = "source: {name}\nkind: file\npath: {name}.parquet\nfact: unit\n"
Write = Callable[..., Path]


def rows(units: Sequence[int], **more: Any) -> dict[str, Any]:
    """Units in two arms by turns."""
    arms = ["treated" if u % 2 else "control" for u in units]
    return {"unit_id": list(units), "variant": arms, "y": [float(u % 10) for u in units], **more}


def table(file: Path, found: dict[str, Any]) -> None:
    """Rows as a file."""
    pq.write_table(pa.table(found), file)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write running pilots by name, each over a source of its own or the one named, and the sources."""

    def made(sources: str, settings: str = BUDGETED, pilot: str = RUNNING, **pilots: str) -> Path:
        texts = {"portfolio": settings, "people": PEOPLE, "outcome": OUTCOME, "sources": sources}
        for name, source in pilots.items():
            block = "".join(f"  {line}\n" for line in pilot.splitlines())
            block = block.replace("source: units", f"source: {source}")
            texts[name] = INITIATIVE.replace("trial", name) + "pilot:\n" + block
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return tmp_path

    return made


def files(*names: str) -> str:
    """Sources of kind file."""
    return "---\n".join(FILE.format(name=n) for n in names)


def overlaps(folder: Path) -> Overlaps:
    """What the review finds."""
    return reviewed(folder).collected.overlaps


def told(folder: Path) -> list[tuple[tuple[str, str], int, int]]:
    """The pairs, what they share, and of how many."""
    return [(s.pilots, s.units, s.of) for s in overlaps(folder).pairs]


def test_more_than_one_in_a_hundred_of_the_smaller_pilot_is_told(write: Write) -> None:
    """Exactly one in a hundred is not; a unit that has several rows is one unit."""
    folder = write(files("a", "b", "c"), one="a", two="b", three="c")
    table(folder / "a.parquet", rows([*range(200), *range(200)]))
    table(folder / "b.parquet", rows(range(198, 500)))
    table(folder / "c.parquet", rows(range(497, 900)))
    assert told(folder) == []
    table(folder / "b.parquet", rows(range(197, 500)))
    assert told(folder) == [(("one", "two"), 3, 200)]
    assert overlaps(folder).of("two") == ("one",)
    assert overlaps(folder).of("three") == ()


def test_pilots_of_one_table_are_told_apart_by_their_keys(write: Write) -> None:
    """A table may hold several pilots; a unit in both of them is shared."""
    folder = write(files("a"), one="a", two="a")
    both = rows([*range(100), *range(90, 190)])
    table(folder / "a.parquet", {**both, "key": ["one"] * 100 + ["two"] * 100})
    assert told(folder) == [(("one", "two"), 10, 100)]


def test_what_few_units_say_is_not_shown(write: Write) -> None:
    """A cell of fewer than five units shows its count alone; a metric that is no number has no mean."""
    folder = write(files("a", "b"), one="a", two="b")
    table(folder / "a.parquet", rows(range(100)))
    table(folder / "b.parquet", rows(range(91, 200)))
    cells = {c.arms: (c.units, c.means) for c in overlaps(folder).pairs[0].cells}
    assert cells == {
        ("control", "control"): (4, (None, None)), ("treated", "treated"): (5, (5.0, 5.0)),
    }  # fmt: skip
    table(folder / "b.parquet", {**rows(range(91, 200)), "y": ["high"] * 109})
    means = [c.means for c in overlaps(folder).pairs[0].cells]
    assert means == [(None, None), (5.0, None)]
    table(folder / "b.parquet", {**rows(range(91, 200)), "y": np.full(109, np.nan)})
    assert [c.means for c in overlaps(folder).pairs[0].cells][1] == (5.0, None)


def test_what_was_counted_once_is_remembered(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same contents are not joined again, and give the same answer."""
    folder = write(files("a", "b"), one="a", two="b")
    table(folder / "a.parquet", rows(range(100)))
    table(folder / "b.parquet", rows(range(80, 180)))
    first = overlaps(folder)
    monkeypatch.setattr(shared, "_found", lambda *_: pytest.fail("joined again"))
    assert overlaps(folder) == first
    assert first.pairs[0].share == pytest.approx(0.2)


def test_only_pilots_that_run_are_compared(write: Write) -> None:
    """Before its start, after its end, or once it is stopped, a pilot is no news for another."""
    folder = write(files("a", "b"), one="a", two="b")
    for name in ("a", "b"):
        table(folder / f"{name}.parquet", rows(range(100)))
    assert len(told(folder)) == 1
    text = (folder / "two.yaml").read_text()
    for other in ("ends: 2026-03-31", "ends: 2026-03-01", "starts: 2026-04-01"):
        word = other.split(":")[0]
        changed = "\n".join(
            line.replace("ends: 2026-06-01", other)
            if word == "ends"
            else line.replace("starts: 2026-01-01", other)
            for line in text.splitlines()
        )
        (folder / "two.yaml").write_text(changed + "\n")
        assert told(folder) == []
    (folder / "two.yaml").write_text(text + "status: rejected\n")
    assert told(folder) == []


def test_without_a_budget_nothing_is_compared(write: Write) -> None:
    """Nothing depends on it then."""
    folder = write(files("a", "b"), settings=PORTFOLIO, one="a", two="b")
    for name in ("a", "b"):
        table(folder / f"{name}.parquet", rows(range(100)))
    assert overlaps(folder) == Overlaps()


def test_sums_have_no_units(write: Write) -> None:
    """A source that is summed is said to be skipped; the others are compared all the same."""
    summed = FILE.format(name="s").replace("parquet", "csv") + "summed: yes\n"
    folder = write(files("a", "b") + "---\n" + summed, one="a", two="b", three="s")
    table(folder / "a.parquet", rows(range(100)))
    table(folder / "b.parquet", rows(range(80, 180)))
    (folder / "s.csv").write_text("variant,metric,n,sum_x,sum_xx\ncontrol,y,50,9,9\ntreated,y,50,8,8\n")
    found = overlaps(folder)
    assert [s.pilots for s in found.pairs] == [("one", "two")]
    assert found.skipped == {"three": "source 's' is summed already, so that its units are unknown"}


def test_tables_in_different_engines_are_said_not_to_be_compared(write: Write) -> None:
    """Units do not leave the place where they lie."""
    elsewhere = "source: b\nkind: sql\nengine: duckdb:///{file}\ntable: units\nfact: unit\n"
    folder = write("", one="a", two="b")
    file = folder / "elsewhere.duckdb"
    with duckdb.connect(str(file)) as db:
        db.execute("create table units as select i as unit_id, if(i % 2, 'treated', 'control') as variant,"
                   " i::double as y from range(100) t(i)")  # fmt: skip
    (folder / "sources.yaml").write_text(files("a") + "---\n" + elsewhere.format(file=file))
    table(folder / "a.parquet", rows(range(100)))
    found = overlaps(folder)
    assert found.pairs == ()
    assert found.skipped == {
        "one": "source 'a' lies in another engine than other running pilots",
        "two": "source 'b' lies in another engine than other running pilots",
    }


@pytest.mark.parametrize("where", ["opened", "compared"])
def test_an_engine_that_fails_costs_this_comparison_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The review goes on, and says why."""
    folder = write(files("a", "b"), one="a", two="b")
    for name in ("a", "b"):
        table(folder / f"{name}.parquet", rows(range(100)))

    def fails(*_: object) -> None:
        raise RuntimeError("the engine is gone\nwith a trace")

    if where == "compared":
        monkeypatch.setattr(shared, "_compared", fails)
    else:
        monkeypatch.setattr("headway.aggregates.engine.Bound.opened", property(fails))
    found = overlaps(folder)
    assert found == Overlaps(
        (), dict.fromkeys(("one", "two"), "its units could not be compared: the engine is gone")
    )


def test_a_source_that_cannot_be_read_is_told_by_its_own_fault(write: Write) -> None:
    """It is no pilot to compare."""
    folder = write(files("a", "b"), one="a", two="b")
    table(folder / "a.parquet", rows(range(100)))
    assert overlaps(folder) == Overlaps()
