"""The measure ``returns``: what the effect is worth in a year, less what the initiative costs.

``dP&L = slope x change of the metric x volume`` along every path from the outcome to a P&L line, drawn
together with its doubt (planning.md 2). What each grade contributes is kept apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from headway.aggregates.request import Request
from headway.kernel.estimate import Estimate, Grade, significant, worst
from headway.kernel.identity import Json, digest
from headway.kernel.quantity import Rate
from headway.measures.base import STANDS, Absent, Ask, Finding, Given, NoRate, Result
from headway.measures.value.baseline import measured
from headway.measures.value.horizon import Draws, Horizon, horizon_of, split_normal, users_requests
from headway.portfolio.driver_tree import DriverPath, Edge, paths_to_lines
from headway.portfolio.outcome import Outcome
from headway.portfolio.sharing import bears_cost

DRAWS = 20_000
_Z95 = 1.959963984540054
_YEAR_DAYS = 365.0
# Student draws with fewer degrees of freedom have no variance.
_LEAST_DF = 2
# A bill shorter than this says nothing about a year.
LEAST_BILL = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class _Cost:
    """A year's cost, its standard error, and how well it is known: a meter does not lower a grade."""

    per_year: Decimal
    grade: Grade
    reasons: tuple[str, ...]
    parts: dict[str, Json]
    error: float = 0.0


class ReturnsMeasure:
    """Worth of the effect less cost, its probability of being positive, and its composition by grade."""

    name = "returns"
    version = "1"
    after: tuple[str, ...] = ("effect", "cost", "baseline")

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """It reads the effect and the cost; of its own it asks only who uses it, where that is counted."""
        return users_requests(ask)

    def estimate(self, ask: Ask, given: Given) -> Result:
        """A return and its probability for every treated arm with an effect."""
        effects = [f for f in given.earlier["effect"].findings if f.estimate.detail.get("role") == "outcome"]
        if not effects:
            return _nothing("none", "no effect on the outcome is measured")
        outcome = ask.portfolio.outcomes.get(ask.initiative.outcome)
        paths = paths_to_lines(ask.portfolio, ask.initiative.outcome) if outcome else ()
        if outcome is None or not paths:
            return _nothing("none", "the outcome reaches no P&L line")
        outcome = measured(ask, outcome, given)
        findings: list[Finding] = []
        try:
            cost, horizon = _cost(ask, given), horizon_of(ask, given, DRAWS)
            if isinstance(cost, str) or isinstance(horizon, str):
                return _nothing("none", cost if isinstance(cost, str) else str(horizon))
            for effect in effects:
                made = _returns(ask, effect, _Path(outcome, paths, cost, horizon))
                if isinstance(made, str):
                    return _nothing("none", made)
                findings += made
        except NoRate as fault:
            return _nothing("unit", str(fault))
        return Result(tuple(findings))


@dataclass(frozen=True, slots=True)
class _Path:
    """From the outcome to money, and what it costs to get there."""

    outcome: Outcome
    paths: tuple[DriverPath, ...]
    cost: _Cost
    horizon: Horizon


def _returns(ask: Ask, effect: Finding, way: _Path) -> list[Finding] | str:
    outcome, paths, cost, horizon = way.outcome, way.paths, way.cost, way.horizon
    arm = str(effect.estimate.detail.get("arm") or "")
    seed = int(digest([ask.initiative.initiative, arm])[:15], 16)
    generator = np.random.Generator(np.random.Philox(seed))
    change = _change(effect.estimate, outcome, generator)
    if isinstance(change, str):
        return change
    good = 1.0 if outcome.metric is None or outcome.metric.better == "higher" else -1.0
    by_grade: dict[str, Draws] = {}
    for path in paths:
        worth = _worth(ask, path, generator)
        if isinstance(worth, str):
            return worth
        grade = worst(effect.estimate.grade, path.grade).value
        by_grade[grade] = by_grade.get(grade, np.zeros(DRAWS)) + good * change * worth
    taken = horizon.annuity if horizon.adoption is None else horizon.annuity * horizon.adoption
    by_grade = {g: taken * worth for g, worth in by_grade.items()}
    draws = np.sum(list(by_grade.values()), axis=0)
    draws = draws - horizon.annuity * _spread(ask, cost) - horizon.investment
    grade = worst(cost.grade, horizon.grade, *(Grade(g) for g in by_grade))
    reasons = (
        f"effect grade {effect.estimate.grade}" + _beside_the_past(effect.estimate),
        *(f"path to {p.line} grade {p.grade}" for p in paths),
        *cost.reasons,
        *horizon.reasons,
    )
    suffix = f" [{arm}]" if effect.metric.endswith("]") else ""
    composition: dict[str, Json] = {g: _round(float(np.median(d))) for g, d in sorted(by_grade.items())}
    detail: dict[str, Json] = {
        "arm": arm,
        "p10": _round(float(np.quantile(draws, 0.1))),
        "p90": _round(float(np.quantile(draws, 0.9))),
        "worth_by_grade": composition,
        "cost_per_year": f"{cost.per_year:f}",
        "cost_parts": cost.parts,
        "draws": DRAWS,
        **dict(horizon.detail),
    }
    currency = ask.portfolio.settings.currency
    share = float(np.mean(draws > 0))
    error = _Z95 * math.sqrt(max(share * (1 - share), 1 / DRAWS) / DRAWS)
    low, high = (_round(float(x)) for x in np.quantile(draws, (0.025, 0.975)))
    common: dict[str, Any] = {
        "grade": grade,
        "grade_reasons": reasons,
        "n": effect.estimate.n,
        "detail": detail,
    }
    beside = ", adoption" if horizon.adoption is not None else ""
    present = ", in present value" if horizon.annuity != horizon.years else ""
    method = f"{DRAWS:,} draws of effect{beside} and slopes, less cost{present}"
    money = Estimate(
        value=_round(float(np.median(draws))),
        low=low,
        high=high,
        level=0.95,
        unit=horizon.unit(currency),
        method=method,
        **common,
    )
    chance = Estimate(
        value=share,
        low=max(0.0, share - error),
        high=min(1.0, share + error),
        level=0.95,
        unit="probability",
        method=method,
        **common,
    )
    stands, parameters = (
        min(effect.stands, STANDS[grade]),
        {
            **effect.parameters,
            "seed": str(seed),
            "effect": _believed(effect.estimate),
            **ask.portfolio.rates.parameters,
        },
    )
    requests = (*effect.requests, *users_requests(ask))
    return [
        Finding(metric + suffix, estimate, effect.observed, stands, requests, parameters)
        for metric, estimate in (("return", money), ("return_probability", chance))
    ]


def _believed(effect: Estimate) -> Json:
    """The value that the draws stand around: rounded, since it names the evidence and threads differ."""
    shrunk = effect.detail.get("shrunk")
    value = shrunk["value"] if isinstance(shrunk, dict) else effect.value
    return significant(value) if isinstance(value, float) else value


def _beside_the_past(effect: Estimate) -> str:
    return ", shrunk towards past effects" if isinstance(effect.detail.get("shrunk"), dict) else ""


def _change(effect: Estimate, outcome: Outcome, generator: np.random.Generator) -> Draws | str:
    """Draws of the change in the outcome's own unit; of what past effects leave of it, where they do."""
    shrunk = effect.detail.get("shrunk")
    if isinstance(shrunk, dict):
        drawn = float(shrunk["value"]) + float(shrunk["sd"]) * generator.standard_normal(DRAWS)
        level = _level(outcome, generator)
        return level if isinstance(level, str) else level * drawn
    scale = str(effect.detail.get("scale"))
    theta, se, df = (effect.detail.get(k) for k in ("theta", "se", "df"))
    if scale == "absolute" or (scale == "relative" and isinstance(theta, float)):
        middle, ends = effect.value, (effect.low, effect.high)
    else:
        middle, ends = math.log1p(effect.value), (math.log1p(effect.low), math.log1p(effect.high))
    width = (
        float(se) if isinstance(theta, float) and isinstance(se, float) else (ends[1] - ends[0]) / (2 * _Z95)
    )
    noise = (
        generator.standard_t(float(df), DRAWS)
        if isinstance(df, int | float) and df > _LEAST_DF
        else generator.standard_normal(DRAWS)
    )
    drawn = middle + width * noise
    if scale == "absolute":
        return np.asarray(drawn, dtype=np.float64)
    level = _level(outcome, generator)
    if isinstance(level, str):
        return level
    relative = drawn if scale == "relative" and isinstance(theta, float) else np.expm1(drawn)
    changed: Draws = level * relative
    return changed


def _level(outcome: Outcome, generator: np.random.Generator) -> Draws | str:
    """Draws of where the outcome stood, which turns a relative change into one in its unit."""
    base = outcome.baseline
    if base is None or base.value is None:
        return "a relative effect needs the outcome's baseline to become a change in its unit"
    level = np.full(DRAWS, float(base.value))
    if base.low is not None and base.high is not None:
        level = level + (float(base.high) - float(base.low)) / (2 * _Z95) * generator.standard_normal(DRAWS)
    return level


def _worth(ask: Ask, path: DriverPath, generator: np.random.Generator) -> Draws | str:
    """Draws of what one unit of the metric is worth in a year along a path."""
    worth = np.ones(DRAWS)
    for edge in path.edges:
        factor = _edge(ask, edge, generator)
        if isinstance(factor, str):
            return factor
        worth = worth * factor
    return worth


def _edge(ask: Ask, edge: Edge, generator: np.random.Generator) -> Draws | str:
    drive = edge.drive
    if drive.kind == "proxy":
        return f"the edge from {edge.outcome} to {drive.to} is a proxy, and a proxy carries no money"
    if drive.slope is None:
        if drive.kind == "causal":
            return f"the edge from {edge.outcome} to {drive.to} states no slope"
        return np.ones(DRAWS)
    step = _step(drive.per)
    if step is None:
        return f"'per: {drive.per}' of the edge to {drive.to} does not begin with a number"
    volume = float(drive.volume.per_year) if drive.volume else 1.0
    rate = float(ask.in_own(Decimal(1), drive.slope.currency))
    return split_normal(drive.slope, generator, DRAWS) * volume * rate / step


def _step(per: str) -> float | None:
    """The number that a slope is per: 1 in ``1 reopened``; 1 where nothing is written."""
    if not per:
        return 1.0
    try:
        step = float(per.split(maxsplit=1)[0])
    except ValueError:
        return None
    return step if step > 0 else None


def _spread(ask: Ask, cost: _Cost) -> Draws | float:
    """Draws of a year's cost, where its estimate has an interval."""
    if not cost.error:
        return float(cost.per_year)
    seed = int(digest([ask.initiative.initiative, "cost"])[:15], 16)
    noise = np.random.Generator(np.random.Philox(seed)).standard_normal(DRAWS)
    return float(cost.per_year) + cost.error * noise


def _cost(ask: Ask, given: Given) -> _Cost | str:
    """A year's cost: the bill made a year, and people at their declared rates."""
    declared = ask.initiative.cost
    total, grades, reasons, parts, error = Decimal(0), [Grade.A], [], dict[str, Json](), 0.0
    if bears_cost(ask.portfolio, ask.initiative.initiative):
        bill = next((f for f in given.earlier["cost"].findings if f.metric == "cost"), None)
        if bill is None or bill.observed is None:
            return "the cost of its keys in the bill is not known"
        span = bill.observed[1] - bill.observed[0] + timedelta(days=1)
        if span < LEAST_BILL:
            return f"the bill covers {span.days} days; a year's cost needs {LEAST_BILL.days}"
        times = Decimal(_YEAR_DAYS) / Decimal(span.total_seconds() / 86400)
        yearly = Decimal(str(bill.estimate.detail["exact"])) * times
        error = (bill.estimate.high - bill.estimate.low) / (2 * _Z95) * float(times)
        parts["bill"] = f"{yearly:.2f}"
        total, grades = total + yearly, [*grades, *([Grade.D] if bill.estimate.grade is Grade.D else [])]
        reasons.append("cost from the bill, made a year")
    if declared.people:
        staff = sum((_staff(ask, p.rate, p.share, p.of) for p in declared.people), Decimal(0))
        parts["people"] = f"{staff:.2f}"
        total, grades = total + staff, [*grades, Grade.D]
        reasons.append("people at declared rates")
    if not parts:
        return "no cost is declared (cost.select or cost.people)"
    return _Cost(total.quantize(Decimal("0.01")), worst(*grades), tuple(reasons), parts, error)


def _staff(ask: Ask, rate: Rate, share: float, of: float) -> Decimal:
    return ask.in_own(rate.per_year, rate.currency) * Decimal(str(share)) * Decimal(str(of))


def _round(x: float) -> float:
    return round(x, 2)


def _nothing(reason: str, why: str) -> Result:
    return Result(absent=(Absent("return", reason, why), Absent("return_probability", reason, why)))
