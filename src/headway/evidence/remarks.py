"""What is said about the rows of sources, at the place where each is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from headway.aggregates.engine import Bound
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate
from headway.portfolio.load import Portfolio

# Periods named in a finding; two exports of a year share twelve of every account.
_SHOWN = 3


def remarks_of(portfolio: Portfolio, bound: Mapping[str, Bound]) -> list[Diagnostic]:
    """What the sources say about their rows, and what stands in two of them."""
    declared = {name: one for name, one in bound.items() if name in portfolio.sources}
    return [
        *(d for one in declared.values() for d in _own(portfolio, one)),
        *(
            d
            for i, one in enumerate(declared.values())
            for d in twice(portfolio, one, list(declared.values())[:i])
        ),
    ]


def _own(portfolio: Portfolio, one: Bound) -> Iterator[Diagnostic]:
    return (r.at(one.source, portfolio.place("source", one.source, *r.path)) for r in one.remarks)


def twice(portfolio: Portfolio, one: Bound, earlier: Sequence[Bound]) -> Iterator[Diagnostic]:
    """What a source has that an earlier one has too, and may stand in one only (HW346)."""
    for other in earlier:
        shared = [name for name in one.whole if name in other.whole]
        if not shared:
            continue
        more = [f"{len(shared) - _SHOWN} more"] if len(shared) > _SHOWN else []
        said = ", ".join([f"{n} ({one.whole[n]})" for n in shared[:_SHOWN]] + more)
        yield Diagnostic(
            "HW346",
            f"source '{one.source}': {said} comes from source '{other.source}' too: its money counts twice",
            portfolio.place("source", one.source),
            "drop one of the two exports, or keep the period in one of them only",
            see=((portfolio.place("source", other.source), f"there it is {other.whole[shared[0]]}"),),
            subject=one.source,
        )


def provisional(estimate: Estimate, read: Iterable[Bound]) -> Estimate:
    """An estimate that says so where it rests on a period whose amounts may still change."""
    ends = [one.open_until for one in read if one.open_until]
    if not ends:
        return estimate
    why = f"the billing period that ends on {max(ends).date()} is not closed"
    return replace(estimate, detail={**estimate.detail, "provisional": why})
