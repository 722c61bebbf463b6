"""Over how long a return is reckoned, what is spent first, and how many take it up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from headway.aggregates.request import Request
from headway.kernel.estimate import Grade, worst
from headway.kernel.identity import Json, digest
from headway.measures.base import Ask, Given
from headway.measures.spend.daily import counts, counts_request
from headway.portfolio.economics import Returns
from headway.portfolio.values import Triple

# Adoption is counted over four weeks, so that each day of the week is in it as often.
COUNTED = timedelta(days=28)
_Z90 = 1.2815515655446004
Draws = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Horizon:
    """How a year's worth and cost become a net present value.

    Attributes:
        years: how many.
        annuity: what a unit a year over them is worth today, paid at the end of each year.
        investment: what is spent before the first, in the portfolio's currency.
        adoption: draws of the part that takes it up; None where all do, as a volume says.
        grade: A where nothing about it is typed.
        reasons: what lowers it, and what was counted.
        detail: what it was made of.
    """

    years: int = 1
    annuity: float = 1.0
    investment: float = 0.0
    adoption: Draws | None = None
    grade: Grade = Grade.A
    reasons: tuple[str, ...] = ()
    detail: tuple[tuple[str, Json], ...] = ()

    def unit(self, currency: str) -> str:
        """Of the return: a year's, or a net present value over some."""
        plain = self.years == 1 and self.annuity == 1.0 and not self.investment
        return f"{currency} per year" if plain else f"{currency} over {self.years} years"


def annuity(years: int, discount: float) -> float:
    """What 1 at the end of each year is worth today.

    >>> round(annuity(3, 0.08), 6), annuity(1, 0.0)
    (2.577097, 1.0)
    """
    return float(sum((1 + discount) ** -y for y in range(1, years + 1)))


def users_requests(ask: Ask) -> tuple[Request, ...]:
    """What counts who uses it."""
    declared = ask.initiative.returns
    bound = ask.bound.get(declared.users or "") if declared else None
    if declared is None or bound is None or bound.fact.name != "series":
        return ()
    return (counts_request(ask, bound, declared.metric),)


def horizon_of(ask: Ask, given: Given, draws: int) -> Horizon | str:
    """The declared horizon, or one year in which all take it up; or why it cannot be known.

    Raises:
        NoRate: the investment is in a currency without a rate.
    """
    declared = ask.initiative.returns
    if declared is None:
        return Horizon()
    taken = _adoption(ask, given, declared, draws)
    if isinstance(taken, str):
        return taken
    spent = declared.investment
    investment = float(ask.in_own(spent.amount, spent.currency)) if spent else 0.0
    typed = ["adoption"] if declared.adoption else []
    typed += ["investment"] if spent else []
    reasons = [f"{' and '.join(typed)} as declared"] if typed else []
    reasons += ["adoption as counted"] if declared.users else []
    detail: list[tuple[str, Json]] = [("years", declared.years), ("discount", declared.discount)]
    if spent:
        detail.append(("investment", f"{investment:.2f}"))
    if taken is not None:
        detail.append(("adoption", [round(float(x), 4) for x in np.quantile(taken, (0.1, 0.5, 0.9))]))
    return Horizon(
        years=declared.years,
        annuity=annuity(declared.years, declared.discount),
        investment=investment,
        adoption=taken,
        grade=worst(Grade.A, *([Grade.D] if typed else [])),
        reasons=tuple(reasons),
        detail=tuple(detail),
    )


def _adoption(ask: Ask, given: Given, declared: Returns, draws: int) -> Draws | str | None:
    seed = int(digest([ask.initiative.initiative, "adoption"])[:15], 16)
    generator = np.random.Generator(np.random.Philox(seed))
    if declared.adoption:
        return np.clip(split_normal(declared.adoption, generator, draws), 0.0, 1.0)
    if not declared.users:
        return None
    requests = users_requests(ask)
    if not requests or requests[0] not in given.sums:
        return given.failed.get(declared.users) or f"'{declared.users}' is no source of the fact series"
    daily = counts(given.sums[requests[0]])
    last = max(daily, default=None)
    days = [float(n) for day, n in daily.items() if last is not None and day > last - COUNTED]
    if len(days) < COUNTED.days // 2:
        return (
            f"'{declared.users}' counts '{declared.metric}' on {len(days)} days; two weeks of them are needed"
        )
    return _counted(days, declared.eligible or 1, generator.standard_normal(draws))


def _counted(days: Sequence[float], eligible: int, noise: Draws) -> Draws:
    """Draws of the mean of some days, over all whom it is for."""
    mean, error = float(np.mean(days)), float(np.std(days, ddof=1)) / math.sqrt(len(days))
    return np.clip((mean + error * noise) / eligible, 0.0, 1.0)


def split_normal(triple: Triple, generator: np.random.Generator, draws: int) -> Draws:
    """Draws whose P10, P50 and P90 are the three amounts: a normal with its own width on each side."""
    z = generator.standard_normal(draws)
    low, mid, high = float(triple.low), float(triple.mid), float(triple.high)
    return mid + np.where(z < 0, (mid - low), (high - mid)) * z / _Z90
