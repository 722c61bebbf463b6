"""Commitments for several kinds of demand at once, over demand as it might come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headway.measures.spend.commitments import Offer
from headway.statistics.contrast import FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TAIL = 0.9
"""The worst tenth of scenarios is what the regret is held down in (CVaR)."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of demand, such as a type of machine in a region.

    Attributes:
        name: what it is called.
        price: of one unit for an hour on demand.
        demand: one row per scenario, one column per hour; every family has the same shape.
    """

    name: str
    price: float
    demand: FloatArray


@dataclass(frozen=True, slots=True)
class Eligible:
    """An offer, the families it covers, and the price of a unit that its discount is off.

    Attributes:
        offer: discount, term and what is held.
        families: names of the families it covers.
        price: of one unit for an hour before the discount.
    """

    offer: Offer
    families: tuple[str, ...]
    price: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels of all offers together.

    Attributes:
        levels: by offer.
        saving: mean share of the cost on demand that they save, over scenarios.
        worst: the mean of that share in the worst tenth of scenarios.
        regret: mean cost above the best in hindsight, over scenarios, as a share of the cost on demand.
        tail_regret: the same in the tenth of scenarios where it is worst (CVaR).
    """

    levels: Mapping[str, float]
    saving: float
    worst: float
    regret: float
    tail_regret: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """Demand without repetition: joint demands of one scenario, and how many hours had each."""

    demand: FloatArray
    hours: FloatArray


class Unsolved(RuntimeError):
    """The solver found no answer to a problem that always has one: a fault of ours."""


def plan(families: Sequence[Family], offers: Sequence[Eligible], aversion: float = 0.5) -> Plan:
    """Levels that cost least over scenarios, and are not much regretted in the worst of them.

    min (1 - a)·E[cost] + a·CVaR₀.₉[cost - best in hindsight] subject to, in every hour, commitments used plus
    demand bought at its own price covering demand, and no commitment used beyond its level (Rockafellar,
    Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2, 2000). What is held already is a
    lower bound. Hours with equal demand are one row, since nothing here links one hour to the next.

    Args:
        families: demand of each kind over the same scenarios; at least one scenario with one hour.
        offers: what may be committed to.
        aversion: the weight a of the regret, from 0 (mean cost only) to 1.

    Returns:
        The levels and what they do.

    Raises:
        Unsolved: the solver failed.
    """
    count = len(families[0].demand)
    rows = [_rows([f.demand[s] for f in families]) for s in range(count)]
    best = np.array([_solve(families, offers, [r], np.zeros(1), 0.0)[1][0] for r in rows])
    levels, costs = _solve(families, offers, rows, best, aversion)
    prices = np.array([f.price for f in families])
    whole = np.array([float(r.hours @ (r.demand @ prices)) for r in rows])
    share = 1 - costs / np.maximum(whole, 1e-300)
    regret = (costs - best) / np.maximum(whole, 1e-300)
    tail = max(1, round((1 - TAIL) * count))
    return Plan(
        levels={o.offer.name: float(v) for o, v in zip(offers, levels, strict=True)},
        saving=float(share.mean()),
        worst=float(np.sort(share)[:tail].mean()),
        regret=float(regret.mean()),
        tail_regret=float(np.sort(regret)[-tail:].mean()),
    )


def _rows(columns: Sequence[FloatArray]) -> _Rows:
    demand, hours = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return _Rows(demand, hours.astype(np.float64))


def _solve(
    families: Sequence[Family],
    offers: Sequence[Eligible],
    rows: Sequence[_Rows],
    best: FloatArray,
    aversion: float,
) -> tuple[FloatArray, FloatArray]:
    """Levels, and the cost of each scenario under them."""
    from scipy.optimize import linprog

    problem = _Problem(families, offers, rows)
    matrix, bound = problem.constraints(best)
    # Its stubs know dense matrices only.
    found = linprog(  # type: ignore[call-overload]
        problem.objective(aversion),
        A_ub=matrix,
        b_ub=bound,
        bounds=problem.bounds(),
        method="highs",
    )
    if not found.success:
        msg = f"the plan of commitments was not solved: {found.message}"
        raise Unsolved(msg)
    levels = np.maximum(found.x[: len(offers)], [o.offer.held for o in offers])
    return levels, problem.costs(np.asarray(found.x, dtype=np.float64))


class _Problem:
    """The linear programme.

    Its columns: levels c, use x of an eligible pair in a row, demand o bought dear, the threshold z, and the
    excess u of each scenario over it.
    """

    def __init__(self, families: Sequence[Family], offers: Sequence[Eligible], rows: Sequence[_Rows]) -> None:
        self.families, self.offers, self.scenarios = families, offers, rows
        place = {f.name: i for i, f in enumerate(families)}
        self.pairs = [(k, place[n]) for k, o in enumerate(offers) for n in o.families if n in place]
        self.demand = np.vstack([r.demand for r in rows])
        self.hours = np.concatenate([r.hours for r in rows])
        self.of = np.repeat(np.arange(len(rows)), [len(r.hours) for r in rows])
        self.rows = len(self.hours)
        self.first_o = len(offers) + len(self.pairs) * self.rows
        self.first_z = self.first_o + len(families) * self.rows
        self.size = self.first_z + 1 + len(rows)

    def cost_rows(self) -> FloatArray:
        """One row per scenario: its cost as a linear form of the levels and of what is bought dear."""
        made = np.zeros((len(self.scenarios), self.size))
        for s, scenario in enumerate(self.scenarios):
            total = float(scenario.hours.sum())
            made[s, : len(self.offers)] = [o.price * (1 - o.offer.discount) * total for o in self.offers]
        for f, family in enumerate(self.families):
            at = self.first_o + f * self.rows + np.arange(self.rows)
            made[self.of, at] = family.price * self.hours
        return made

    def costs(self, solution: FloatArray) -> FloatArray:
        """The cost of each scenario."""
        return np.asarray(self.cost_rows() @ solution, dtype=np.float64)

    def objective(self, aversion: float) -> FloatArray:
        """Mean cost, and the tail of the regret."""
        made = (1 - aversion) * self.cost_rows().mean(axis=0)
        made[self.first_z] = aversion
        made[self.first_z + 1 :] = aversion / ((1 - TAIL) * len(self.scenarios))
        return np.asarray(made, dtype=np.float64)

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Nothing is negative, nothing held is given back; the threshold is free."""
        held = [(o.offer.held, None) for o in self.offers]
        return [
            *held,
            *[(0.0, None)] * (self.first_z - len(held)),
            (None, None),
            *[(0.0, None)] * len(self.scenarios),
        ]

    def constraints(self, best: FloatArray) -> tuple[csr_array, FloatArray]:
        """Demand is met, commitments are not used beyond their level, u ≥ cost - best - z."""
        from scipy.sparse import coo_array, csr_array, vstack

        every = np.arange(self.rows)
        parts = [
            (f * self.rows + every, self.first_o + f * self.rows + every, -1.0)
            for f in range(len(self.families))
        ]
        after = len(self.families) * self.rows
        for p, (k, f) in enumerate(self.pairs):
            x = len(self.offers) + p * self.rows + every
            parts += [(f * self.rows + every, x, -1.0), (after + k * self.rows + every, x, 1.0)]
        parts += [
            (after + k * self.rows + every, np.full(self.rows, k), -1.0) for k in range(len(self.offers))
        ]
        row = np.concatenate([r for r, _, _ in parts])
        column = np.concatenate([c for _, c, _ in parts])
        value = np.concatenate([np.full(self.rows, v) for _, _, v in parts])
        shape = (after + len(self.offers) * self.rows, self.size)
        regret = self.cost_rows()
        regret[:, self.first_z] = -1.0
        regret[np.arange(len(best)), self.first_z + 1 + np.arange(len(best))] = -1.0
        bound = np.concatenate([-self.demand.T.ravel(), np.zeros(shape[0] - after), best])
        return csr_array(vstack([coo_array((value, (row, column)), shape), csr_array(regret)])), bound
