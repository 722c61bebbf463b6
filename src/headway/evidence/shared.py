"""Units that two running pilots have in common: then to stop one on the news of the other may mislead.

Dependence between e-values does no harm to the promotion list. But a pilot that is stopped because of what
another one shows, on the same units, may show more than there is (Wang, Dandapanthula, Ramdas, arXiv
2502.08539). So such pilots are told, and each is frozen at its registered end alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import Bound, first_line
from headway.aggregates.memory import Memory
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.errors import scrub
from headway.kernel.identity import Json, digest
from headway.measures.base import Ask
from headway.portfolio.load import Portfolio

if TYPE_CHECKING:
    # Where nothing is compared, no engine is opened.
    import ibis.expr.types as ir

# A larger part of the smaller pilot in both is told.
MOST = 0.01
# What fewer units than this say together is not shown.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """Units that met one arm of each of two pilots.

    Attributes:
        arms: of the first pilot and of the second.
        units: how many.
        means: of the first pilot's outcome and of the second's; None for few units or no numbers.
    """

    arms: tuple[str, str]
    units: int
    means: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Shared:
    """Two running pilots with units in common.

    Attributes:
        pilots: the initiatives, sorted.
        units: how many they share.
        of: how many the smaller one has.
        cells: the shared units by the arms they met.
    """

    pilots: tuple[str, str]
    units: int
    of: int
    cells: tuple[Cell, ...] = ()

    @property
    def share(self) -> float:
        """The part of the smaller pilot that is in both."""
        return self.units / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What was found of running pilots.

    Attributes:
        pairs: those that share more than `MOST`.
        skipped: pilots that could not be compared, with why.
    """

    pairs: tuple[Shared, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> tuple[str, ...]:
        """The pilots that share units with one."""
        return tuple(p for s in self.pairs if name in s.pilots for p in s.pilots if p != name)


@dataclass(frozen=True, slots=True)
class _Pilot:
    """A running pilot over its table."""

    name: str
    unit: str
    metric: str
    key: str | None
    bound: Bound

    @property
    def identity(self) -> Json:
        """What the answer about it depends on."""
        return [self.name, self.unit, self.metric, self.key, self.bound.digest]

    def rows(self) -> ir.Table:
        """Its units: one row each, with the arm they met first and their outcome."""
        import ibis

        table = self.bound.opened.table
        if self.key:
            table = table.filter(table["key"] == self.key)
        number = self.metric in self.bound.types and self.bound.is_number(self.metric)
        value = table[self.metric].cast("float64") if number else ibis.null("float64")
        rows = table.select(
            unit=table["unit_id"].cast("string"), arm=table["variant"].cast("string"), y=value
        )
        return rows.group_by("unit").aggregate(arm=rows["arm"].min(), y=rows["y"].mean())


def running(ask: Ask) -> bool:
    """Whether a pilot has begun and not ended, by its registered days."""
    dates = ask.initiative.pilot.dates if ask.initiative.pilot else None
    return ask.initiative.live and dates is not None and dates.starts <= ask.today < dates.ends


def shared_units(asks: Mapping[str, Ask], memory: Memory) -> Overlaps:
    """Compare the units of all running pilots whose tables lie in one engine.

    Units are the same where pilots call them by one word (`unit`) and by one name. Sources that are summed
    have no units any more, and tables in different engines cannot be joined: both are said to be skipped.
    """
    run = [a for a in asks.values() if running(a)]
    if len(run) < len(("one", "another")):
        return Overlaps()
    skipped: dict[str, str] = {}
    pilots = [p for a in run if (p := _pilot(a, skipped)) is not None]
    name = digest(["shared units", [p.identity for p in pilots]])
    settled = all(p.bound.settled for p in pilots)
    kept = memory.get(name) if settled else None
    if kept is None:
        failed: dict[str, str] = {}
        kept = [asdict(s) for s in _found(pilots, failed)]
        if settled and not failed:
            memory.put(name, kept)
        skipped |= failed
    return Overlaps(tuple(map(_read, kept)), skipped)


def _pilot(ask: Ask, skipped: dict[str, str]) -> _Pilot | None:
    pilot, name = ask.initiative.pilot, ask.initiative.initiative
    bound = ask.bound.get(ask.table or "")
    if pilot is None or bound is None or not {"unit_id", "variant"} <= set(bound.columns):
        if bound is not None and bound.summed:
            skipped[name] = f"source '{bound.source}' is summed already, so that its units are unknown"
        return None
    key = (pilot.key or name) if "key" in bound.columns else None
    return _Pilot(name, pilot.unit, pilot.metric, key, bound)


def _found(pilots: Sequence[_Pilot], failed: dict[str, str]) -> Iterator[Shared]:
    """The pairs of each unit and engine; what fails is told of its own pilots, and the review goes on."""
    placed: dict[str, dict[int, list[_Pilot]]] = {}
    for pilot in sorted(pilots, key=lambda p: p.name):
        try:
            engine = id(pilot.bound.opened.engine)
        except Exception as error:  # noqa: BLE001  every driver raises its own kind
            failed[pilot.name] = _why(error)
        else:
            placed.setdefault(pilot.unit, {}).setdefault(engine, []).append(pilot)
    for engines in placed.values():
        for together in engines.values():
            try:
                yield from _compared(together)
            except Exception as error:  # noqa: BLE001  as above
                failed |= {p.name: _why(error) for p in together}
            if len(engines) > 1:
                away = "lies in another engine than other running pilots"
                failed |= {p.name: f"source '{p.bound.source}' {away}" for p in together}


def _why(error: Exception) -> str:
    return f"its units could not be compared: {scrub(first_line(error))}"


def _compared(pilots: Sequence[_Pilot]) -> Iterator[Shared]:
    """One query for all pairs of one engine, and one more for each pair that shares too much."""
    import ibis

    if len(pilots) < len(("one", "another")):
        return
    engine = pilots[0].bound.opened.engine
    every = ibis.union(*(p.rows().select("unit").mutate(pilot=ibis.literal(p.name)) for p in pilots))
    other = every.view()
    pairs = every.join(other, [every["unit"] == other["unit"], every["pilot"] <= other["pilot"]]).select(
        first=every["pilot"], second=other["pilot"]
    )
    counted = engine.fetch(pairs.group_by(["first", "second"]).aggregate(n=pairs.count())).to_pylist()
    n = {(r["first"], r["second"]): int(r["n"]) for r in counted}
    for one, two in combinations(pilots, 2):
        units, of = n.get((one.name, two.name), 0), min(n.get((p.name, p.name), 0) for p in (one, two))
        if units > MOST * of:
            yield Shared((one.name, two.name), units, of, tuple(_cells(one, two)))


def _cells(one: _Pilot, two: _Pilot) -> Iterator[Cell]:
    first, second = one.rows(), two.rows()
    both = first.join(second, first["unit"] == second["unit"]).select(
        a=first["arm"], b=second["arm"], y=first["y"], z=second["y"]
    )
    made = both.group_by(["a", "b"]).aggregate(n=both.count(), y=both["y"].mean(), z=both["z"].mean())
    rows: list[dict[str, Any]] = one.bound.opened.engine.fetch(made).to_pylist()
    for row in sorted(rows, key=lambda r: (r["a"], r["b"])):
        few = row["n"] < FEWEST
        means = (None, None) if few else (_rounded(row["y"]), _rounded(row["z"]))
        yield Cell((row["a"], row["b"]), int(row["n"]), means)


def _rounded(mean: float | None) -> float | None:
    """To nine digits: engines add up in an order of their own."""
    return None if mean is None or not math.isfinite(mean) else float(f"{mean:.9g}")


def _read(kept: Mapping[str, Any]) -> Shared:
    cells = (Cell(tuple(c["arms"]), c["units"], tuple(c["means"])) for c in kept["cells"])
    return Shared(tuple(kept["pilots"]), kept["units"], kept["of"], tuple(cells))


def overlap_faults(portfolio: Portfolio, overlaps: Overlaps, names: Iterable[str]) -> Iterator[Diagnostic]:
    """HW428 on both pilots of a pair, as far as they are asked about."""
    for pair in overlaps.pairs:
        for name in (n for n in pair.pilots if n in set(names)):
            other = next(p for p in pair.pilots if p != name)
            part = f"{pair.units:,} units, {pair.share * 100:.1f} % of the smaller pilot"
            what = f"{part}, are in the running pilot of '{other}' too"
            mend = "let both run to their registered ends, where each is frozen, or stagger them"
            yield Diagnostic("HW428", what, portfolio.place("initiative", name, "pilot"), mend, subject=name)
