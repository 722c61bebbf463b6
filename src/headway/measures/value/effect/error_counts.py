"""Guardrails that count units with an error: the beta-binomial, valid from the first error on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.aggregates.request import Request, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.measures.base import STANDS, Absent, Finding, Result
from headway.measures.value.effect.answers import ALL, answered, asked
from headway.measures.value.effect.base import Setting, diagnostic
from headway.measures.value.effect.guardrails import State, alpha_of, state_of, with_guardrail
from headway.measures.value.effect.record import (
    FIRST_LOOK,
    LEVEL,
    RUNNING_STANDS,
    closing,
    named,
    parameters_of,
)
from headway.portfolio.guardrail import Guardrail
from headway.statistics.counts import Counts, counts_log_e, counts_log_e_below, highest_rate, ratio_interval

# Sums of a 0/1 column and of its squares agree to this share; more is a unit with several errors.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class _Errors:
    """Units of an arm, those with an error, and the sum of squares that shows whether some had several."""

    n: int
    hits: float
    squares: float

    @property
    def single(self) -> bool:
        """Whether every unit has 0 or 1."""
        slack = _ROUNDING * max(1, self.n)
        return abs(self.squares - self.hits) <= slack and abs(self.hits - round(self.hits)) <= slack


def rails(setting: Setting) -> tuple[Guardrail, ...]:
    """The guardrails of a pilot that count."""
    return tuple(g for g in setting.pilot.guardrails if g.kind == "count" and setting.guardrail(g.metric))


def needs(setting: Setting) -> tuple[Request, ...]:
    """One request: units with an error per arm, and their squares."""
    metrics = [g.metric for g in rails(setting)]
    if not metrics:
        return ()
    terms = {ALL} | {t for m in metrics for t in (count(m), sum_of(m), sum_of(m, m))}
    return (asked(setting, ("variant",), sorted(terms)),)


def counted(
    setting: Setting,
    graded: tuple[Grade, tuple[str, ...]],
    window: tuple[datetime, datetime] | None,
    sums: Mapping[Request, Sums],
) -> Result:
    """Every guardrail that counts, for every treated arm."""
    findings: list[Finding] = []
    absent: list[Absent] = []
    found: list[Diagnostic] = []
    requests = needs(setting)
    for rail in rails(setting):
        answer = answered(setting, requests[0], sums)
        # Over events an error is a row, and a unit without a row has had none; in a table empty is unknown.
        everyone = ALL if setting.bound.made_of else count(rail.metric)
        arms = {
            str(g[0]): _errors(answer, rail.metric, i, int(answer[everyone][i]))
            for i, g in enumerate(answer.groups)
        }
        fault = _several(setting, rail, arms)
        found += [fault] if fault else []
        for arm in setting.treated:
            name = named(rail.metric, arm, len(setting.treated))
            lacks = ("source_failed", fault.what) if fault else _early(setting, arms, arm)
            if lacks:
                absent.append(Absent(name, *lacks))
                continue
            estimate, said = _judged(setting, rail, arm, arms, graded)
            stands = STANDS[graded[0]] if closing(setting)[0] else RUNNING_STANDS
            made = Finding(name, estimate, window, stands, requests, parameters_of(setting, arm))
            findings.append(with_guardrail(made, said))
    return Result(tuple(findings), tuple(absent), tuple(found))


def _errors(answer: Sums, metric: str, at: int, everyone: int) -> _Errors:
    n, shift = int(answer[count(metric)][at]), answer.shift.get(metric, 0.0)
    first, second = float(answer[sum_of(metric)][at]), float(answer[sum_of(metric, metric)][at])
    return _Errors(everyone, first + n * shift, second + 2 * shift * first + n * shift * shift)


def _early(setting: Setting, arms: Mapping[str, _Errors], arm: str) -> tuple[str, str] | None:
    """Why nothing is shown yet, and the words for it; None where it is time."""
    _, early = closing(setting)
    if early:
        return "none", early
    short = [a for a in (arm, setting.control) if a not in arms or arms[a].n < FIRST_LOOK]
    if not short or setting.pilot.looks == "once":
        return None
    return "below_min_n", f"the first look needs {FIRST_LOOK} units in arm '{short[0]}'"


def _several(setting: Setting, rail: Guardrail, arms: Mapping[str, _Errors]) -> Diagnostic | None:
    """HW435: some unit has more than one error, or a part of one."""
    if all(a.single for a in arms.values()):
        return None
    return diagnostic(
        setting,
        "HW435",
        f"'{rail.metric}' holds other values than 0 and 1: errors were counted, not units with an error",
        "give each unit 1 where it had an error, or use kind: mean",
        "guardrails",
        setting.pilot.guardrails.index(rail),
        "metric",
    )


def _judged(
    setting: Setting,
    rail: Guardrail,
    arm: str,
    arms: Mapping[str, _Errors],
    graded: tuple[Grade, tuple[str, ...]],
) -> tuple[Estimate, dict[str, Json]]:
    """The arm's share of all units with an error, and what the ratio of the two rates says of the margin."""
    planned: Any = setting.pilot.shares
    share = planned[arm] / (planned[arm] + planned[setting.control])
    none = _Errors(0, 0.0, 0.0)
    treated, control = arms.get(arm, none), arms.get(setting.control, none)
    epochs = [Counts(round(treated.hits), round(control.hits), share)]
    every = epochs[0].treated + epochs[0].control
    low, high = (_share(ratio, share) for ratio in ratio_interval(epochs, 1 - LEVEL))
    value = epochs[0].treated / every if every else share
    said = _said(setting, rail, epochs, treated.n)
    grade, reasons = graded
    detail: dict[str, Json] = {
        "arm": arm,
        "role": "guardrail",
        "scale": "share",
        "interval": "anytime",
        "n_per_arm": {a: e.n for a, e in arms.items()},
        "control": setting.control,
        "errors": {a: round(e.hits) for a, e in arms.items()},
        "planned_share": share,
        "design": setting.pilot.design,
        "e": _e_values(rail, epochs),
    }
    estimate = Estimate(
        value=value, low=low, high=high, level=LEVEL, unit="share of errors", n=treated.n + control.n,
        method="beta-binomial of units with an error", grade=grade, grade_reasons=reasons, detail=detail,
    )  # fmt: skip
    return estimate, said


def _said(setting: Setting, rail: Guardrail, epochs: list[Counts], n: int) -> dict[str, Json]:
    alpha = alpha_of(setting)
    low, high = ratio_interval(epochs, alpha)
    bound = 1 + rail.bound("relative")
    state: State = state_of(rail, bound, (low, high))
    ceiling = rail.margin.ceiling
    highest = highest_rate(min(epochs[0].treated, n), n, alpha) if ceiling is not None else None
    if state == "inconclusive" and ceiling is not None and highest is not None and highest <= ceiling:
        state = "met"
    return {
        "kind": "count",
        "worse": rail.worse,
        "margin": bound - 1,
        "level": 1 - alpha,
        "low": low - 1,
        "high": high - 1 if math.isfinite(high) else None,
        "state": state,
        "ceiling": ceiling,
        "highest": highest,
    }


def _e_values(rail: Guardrail, epochs: list[Counts]) -> dict[str, Json]:
    ratio = 1 + rail.bound("relative")
    one, two = counts_log_e_below(_as_rising(rail, epochs), _rising(rail, ratio)), counts_log_e(epochs, ratio)
    return {
        "log_one_sided": one,
        "log_two_sided": two,
        "null": math.log(ratio),
        "side": "less" if rail.worse == "up" else "greater",
        "form": "beta-binomial",
        "r": None,
        "f": None,
    }


def _as_rising(rail: Guardrail, epochs: list[Counts]) -> list[Counts]:
    """The counts with the arms swapped where a fall is the harm: then the control's share rises."""
    if rail.worse == "up":
        return epochs
    return [Counts(e.control, e.treated, 1 - e.share) for e in epochs]


def _rising(rail: Guardrail, ratio: float) -> float:
    return ratio if rail.worse == "up" else 1 / ratio


def _share(ratio: float, share: float) -> float:
    """The share of errors that falls on an arm under a ratio of rates."""
    if math.isinf(ratio):
        return 1.0
    return ratio * share / (ratio * share + 1 - share)
