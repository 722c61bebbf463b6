"""Portfolios of correlated initiatives, most of them without any effect, under one promotion budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from headway.statistics.contrast import FloatArray
from headway.statistics.promotion import accepted_by_count, accepted_by_money
from headway.statistics.sequential import log_e_one_sided, r_star

INITIATIVES = 60
NULLS = 0.8
CORRELATION = 0.5
EFFECT = 3.5
SHARE = 0.10
ENVELOPE = 1.0
Flags = npt.NDArray[np.bool_]
Rule = Callable[[FloatArray, FloatArray, FloatArray], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Averages over portfolios.

    Attributes:
        false_share: promoted initiatives that do not work, of all promoted.
        false_money: money on them, of all money promoted.
        power: promoted initiatives of those that work.
        money_power: money promoted on what works, of all money asked for by it.

    """

    false_share: float
    false_money: float
    power: float
    money_power: float


def by_count(log_e: FloatArray, costs: FloatArray, p: FloatArray) -> Sequence[bool]:
    """Online e-BH with a slot for each initiative."""
    return accepted_by_count(log_e.tolist(), [1 / log_e.size] * log_e.size, SHARE)


def by_money(log_e: FloatArray, costs: FloatArray, p: FloatArray, floor: float = 20.0) -> Sequence[bool]:
    """The money-weighted form, with the floor applied first."""
    return accepted_by_money(log_e.tolist(), costs.tolist(), ENVELOPE, SHARE, floor)


def by_p_value(log_e: FloatArray, costs: FloatArray, p: FloatArray) -> Sequence[bool]:
    """Each initiative by itself at a one-sided p < .05."""
    return [bool(x) for x in p < 0.05]


def by_lond(log_e: FloatArray, costs: FloatArray, p: FloatArray) -> Sequence[bool]:
    """E-LOND (Xu, Ramdas, AISTATS 2024): one pass, each against its own bar, on the usual LORD sequence."""
    taken: list[bool] = []
    for e, weight in zip(log_e.tolist(), lord(log_e.size), strict=True):
        taken.append(e >= -math.log(SHARE * weight * (sum(taken) + 1)))
    return taken


def by_decaying(log_e: FloatArray, costs: FloatArray, p: FloatArray) -> Sequence[bool]:
    """Online e-BH on the same decaying sequence."""
    return accepted_by_count(log_e.tolist(), lord(log_e.size), SHARE)


def lord(size: int) -> list[float]:
    """.0772 log(max(i, 2)) / (i exp(sqrt(log i))), which sums to 1 (Javanmard, Montanari 2018)."""
    return [
        0.07720838 * math.log(max(i, 2)) / (i * math.exp(math.sqrt(math.log(i)))) for i in range(1, size + 1)
    ]


RULES: dict[str, Rule] = {
    "e-BH by count": by_count,
    "e-BH by money": by_money,
    "e-BH by money, no floor": partial(by_money, floor=0.0),
    "e-BH, decaying weights": by_decaying,
    "e-LOND": by_lond,
    "p < .05": by_p_value,
}


def kept(runs: int, seed: int, effect: float = EFFECT) -> dict[str, Kept]:
    """Every rule on the same portfolios.

    Each initiative's t at its planned end is normal: a factor shared by all (correlation .5) plus its own
    noise, plus `effect` where it works. Costs are lognormal, drawn apart from the results, and use up the
    envelope.
    """
    rng = np.random.default_rng(seed)
    sums = {name: np.zeros(4) for name in RULES}
    for _ in range(runs):
        works, t, costs = _drawn(rng, effect)
        log_e = np.array([log_e_one_sided(x, math.inf, r_star()) for x in t.tolist()])
        for name, rule in RULES.items():
            taken = np.asarray(rule(log_e, costs, ndtr(-t)))
            sums[name] += _outcome(taken, works, costs)
    return {name: Kept(*(total / runs).tolist()) for name, total in sums.items()}


def largest(runs: int, seed: int) -> tuple[float, float]:
    """Mean over portfolios of the largest false share, and false money, on any day of the year.

    The initiatives freeze one a day in an order by chance; before its day each counts as nothing. Nobody who
    was accepted may be dropped.
    """
    rng = np.random.default_rng(seed)
    worst = np.zeros((runs, 2))
    for run in range(runs):
        works, t, costs = _drawn(rng, EFFECT)
        log_e = np.array([log_e_one_sided(x, math.inf, r_star()) for x in t.tolist()])
        known, before = np.full(INITIATIVES, -math.inf), [np.zeros(INITIATIVES, dtype=bool)] * 2
        for day in rng.permutation(INITIATIVES).tolist():
            known[day] = log_e[day]
            now = [np.asarray(rule(known, costs, t)) for rule in (by_count, by_money)]
            if any((b & ~n).any() for b, n in zip(before, now, strict=True)):
                message = f"an acceptance was taken back on the day of initiative {day}"
                raise AssertionError(message)
            shares = [_outcome(now[0], works, costs)[0], _outcome(now[1], works, costs)[1]]
            worst[run], before = np.maximum(worst[run], shares), now
    count, money = worst.mean(axis=0).tolist()
    return count, money


def _drawn(rng: np.random.Generator, effect: float) -> tuple[Flags, FloatArray, FloatArray]:
    """Which initiatives work, their t at the planned end, and their costs."""
    works = rng.random(INITIATIVES) >= NULLS
    shared, own = rng.normal(), rng.normal(size=INITIATIVES)
    t = math.sqrt(CORRELATION) * shared + math.sqrt(1 - CORRELATION) * own + effect * works
    costs = rng.lognormal(0.0, 1.0, INITIATIVES)
    return works, t, costs * (ENVELOPE / costs.sum())


def _outcome(taken: Flags, works: Flags, costs: FloatArray) -> FloatArray:
    duds, hits = taken & ~works, taken & works
    return np.array([
        duds.sum() / max(1, taken.sum()),
        costs[duds].sum() / costs[taken].sum() if taken.any() else 0.0,
        hits.sum() / max(1, works.sum()),
        costs[hits].sum() / costs[works].sum() if works.any() else 0.0,
    ])  # fmt: skip
