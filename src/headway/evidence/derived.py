"""Tables that are made of sources: a pilot's units, and the units of a measured baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from headway.aggregates.engine import Bound, does_not_answer
from headway.kernel.errors import SourceFault
from headway.portfolio.initiative import Initiative, derived_name
from headway.portfolio.load import Portfolio
from headway.portfolio.outcome import baseline_name
from headway.sources.base import Context
from headway.sources.baselines import baseline
from headway.sources.derived import Making, derive


def derive_all(
    portfolio: Portfolio,
    chosen: Mapping[str, Initiative],
    context: Context,
    bound: dict[str, Bound],
    faults: dict[str, SourceFault],
) -> None:
    """Make the tables of pilots and baselines whose rows lie in several sources, or in another shape.

    Args:
        portfolio: what was declared.
        chosen: the initiatives that are measured.
        context: where what is found out is remembered.
        bound: the declared sources; the tables are put beside them.
        faults: by name; those of the tables are put beside them.
    """
    declared = dict(bound)
    makers: dict[str, Callable[[], Bound | None]] = {
        derived_name(n): partial(derive, Making(portfolio, i, declared, context.as_of, context.memory))
        for n, i in chosen.items()
        if i.pilot is not None
    }
    for name in dict.fromkeys(i.outcome for i in chosen.values() if i.outcome in portfolio.outcomes):
        makers[baseline_name(name)] = partial(baseline, portfolio, name, declared, context.memory)
    for table, make in makers.items():
        try:
            made = make()
        except SourceFault as fault:
            faults[table] = fault
        except Exception as error:  # noqa: BLE001  every driver raises its own kind; the review must go on
            faults[table] = does_not_answer(table, error)
        else:
            if made is not None:
                bound[table] = made
