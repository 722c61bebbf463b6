"""One plain sentence per effect, from the record alone (measurement.md 8)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate
from headway.measures.base import Ask, Finding
from headway.portfolio.pilot import Pilot
from headway.statistics.power import units_to_settle

Direction = Literal["beyond", "moved", "short", "wrong", "undecided"]
# Relative changes below this are shown with two decimals.
_SMALL = 0.01
# The level of an effect; guardrails share what is left of it.
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Turned:
    """An effect and its objective turned so that good is positive."""

    value: float
    low: float
    high: float
    objective: float

    @property
    def direction(self) -> Direction:
        """Where the interval lies: the five rows of measurement.md 8."""
        if self.low > self.objective:
            return "beyond"
        if self.high < 0:
            return "wrong"
        if self.high <= self.objective:
            return "short"
        return "moved" if self.low > 0 else "undecided"


def turned(estimate: Estimate, objective: float, good: int) -> Turned:
    """Turn an effect to its good direction.

    Args:
        estimate: the effect, in the metric's own sign.
        objective: the change asked for, in the same unit.
        good: +1 where more is better, -1 where less is.
    """
    ends = sorted((good * estimate.low, good * estimate.high))
    return Turned(good * estimate.value, ends[0], ends[1], good * objective)


def good_sign(change: float, better: str) -> int:
    """The direction an effect should go: that of the objective, or of the metric where it asks for no change.

    >>> good_sign(-0.1, "higher"), good_sign(0.0, "lower")
    (-1, -1)
    """
    return (1 if change > 0 else -1) if change else (1 if better == "higher" else -1)


def sentence(estimate: Estimate, metric: str, objective: float, good: int) -> str:
    """Say in one sentence what an effect shows, with number, interval, n and grade.

    The words "significant" and a bare p never appear.
    """
    if "guardrail" in estimate.detail:
        return guardrail_sentence(estimate, metric)
    at = turned(estimate, objective, good)
    metric = _plain(metric)
    ends = f"{_signed(estimate.low, estimate)} to {_signed(estimate.high, estimate)}"
    number = f"{_signed(estimate.value, estimate)} ({ends}, {_level(estimate)})"
    asked, best = _signed(objective, estimate), _signed(estimate.low if good < 0 else estimate.high, estimate)
    match at.direction:
        case "beyond":
            words = f"moved: {metric} {number}, beyond the {asked} asked"
        case "moved":
            words = f"moved, but not shown to reach {asked}: {metric} {number}"
        case "wrong":
            words = f"moved the wrong way: {metric} {number}"
        case "short":
            words = f"does not reach the objective: {metric} at best {best}, needs {asked}"
            words += f"; the direction is not decided: {number}" if at.low < 0 else f": {number}"
        case _:
            words = f"not decided: {metric} {number}"
            words += _to_settle(estimate, at)
    return f"{words}{_expected(estimate)}; {_basis(estimate)}"


def guardrail_sentence(estimate: Estimate, metric: str) -> str:
    """Say in one sentence where a guardrail lies against its margin, at its own level.

    Errors are told by the ratio of the two rates, as a relative change; a bound that the data do not set yet
    is said to be open.
    """
    said: Any = estimate.detail["guardrail"]
    counted = said["kind"] == "count"
    shape = replace(estimate, unit="relative change", level=round(said["level"], 4)) if counted else estimate
    states = {"met": "inside its margin", "missed": "beyond its margin", "inconclusive": "not decided"}
    low, high = ("open" if end is None else _signed(end, shape) for end in (said["low"], said["high"]))
    ends = f"{low} to {high}, {_level(replace(shape, level=round(said['level'], 4)))}"
    number = _errors(estimate) if counted else _signed(estimate.value, estimate)
    most = "at most" if said["worse"] == "up" else "at least"
    margin = "unknown" if said["margin"] is None else _signed(said["margin"], shape)
    if said.get("ceiling") is not None:
        margin += f", or a rate of {said['ceiling'] * 100:g} %"
    words = f"{states[said['state']]}: {_plain(metric)} {number} ({ends}), {most} {margin}"
    block, blocks = estimate.detail.get("block"), estimate.detail.get("clusters")
    basis = f"{blocks} blocks of {block}, grade {estimate.grade}" if block else _basis(estimate)
    return f"{words}; {basis}"


def _errors(estimate: Estimate) -> str:
    """Units with an error, treated against control."""
    detail: Any = estimate.detail
    errors = detail["errors"]
    return f"{errors.get(detail['arm'], 0):,} against {errors.get(detail['control'], 0):,}"


def _to_settle(estimate: Estimate, at: Turned) -> str:
    """How many more units, or clusters where those count, would decide it; nothing when out of reach."""
    if "counterfactual" in estimate.detail:
        # Only time, or other groups, would settle it, and how much of either nobody can say.
        return ""
    clusters = estimate.detail.get("clusters")
    seen, noun = (clusters, "clusters") if isinstance(clusters, int) else (estimate.n, "units")
    more = units_to_settle(seen, (at.high - at.low) / 2, at.value - at.objective) if seen else None
    return f"; about {_rounded(more - seen):,} more {noun} would settle it" if more and more > seen else ""


def _expected(estimate: Estimate) -> str:
    """What past effects of its kind leave of it; nothing where there is no past to hold it against."""
    shrunk = estimate.detail.get("shrunk")
    if not isinstance(shrunk, dict):
        return ""
    ends = f"{_signed(float(shrunk['low']), estimate)} to {_signed(float(shrunk['high']), estimate)}"
    beside = f"{shrunk['n_past']} past effects" if shrunk["n_past"] else "the declared prior"
    fat = ", fat tails" if shrunk["fat_tails"] else ""
    return f"; expect {_signed(float(shrunk['value']), estimate)} ({ends}) beside {beside}{fat}"


def _plain(metric: str) -> str:
    return metric.replace("_", " ")


def _basis(estimate: Estimate) -> str:
    clusters, df = estimate.detail.get("clusters"), estimate.detail.get("df")
    groups, periods = estimate.detail.get("groups"), estimate.detail.get("periods")
    parts = [f"n {estimate.n:,}"] if estimate.n else []
    if groups and periods:
        parts = [f"{groups} groups over {periods} periods" if groups != 1 else f"{periods} periods"]
    robust = " (CR2)" if "CR2" in estimate.method else ""
    if clusters:
        parts.append(f"{clusters} clusters" + (f", df {df:.1f}{robust}" if isinstance(df, float) else ""))
    bootstrap = estimate.detail.get("bootstrap")
    if isinstance(bootstrap, dict) and bootstrap["agrees"] is False:
        parts.append("the wild bootstrap disagrees")
    caution = estimate.detail.get("caution")
    return ", ".join([*parts, f"grade {estimate.grade}", *([caution] if isinstance(caution, str) else [])])


def _level(estimate: Estimate) -> str:
    """The level of an interval and what was done so that it holds."""
    detail: Any = estimate.detail
    looked = "valid at every look" if detail.get("interval") == "anytime" else "looked at once"
    if "HW409" in (detail.get("notes") or ()):
        looked = "looked at many times, which an open-ended metric does not allow"
    rails = round((1 - _LEVEL) / (1 - estimate.level)) if "guardrail" in detail else 1
    among = f", 1 of {rails} guardrails" if rails > 1 else ""
    approaches = len(detail.get("n_per_arm") or ()) - 1
    each = f", each of {approaches} approaches by itself" if approaches > 1 else ""
    return f"{estimate.level * 100:.4g} %, {looked}{among}{each}"


def _signed(x: float, estimate: Estimate) -> str:
    """A signed number at a precision a person reads: per cent for relative changes, else three digits.

    A relative change below one per cent keeps two decimals, since "at best -0 %" would say nothing; a
    difference of shares is told in percentage points.
    """
    if estimate.unit in ("relative change", "share"):
        places = 2 if abs(x) < _SMALL or estimate.unit == "share" else 1
        number = f"{x * 100:+.{places}f}".removesuffix(".00").removesuffix(".0")
        return f"{number} {'points' if estimate.unit == 'share' else '%'}".replace("-", "−")
    digits = max(0, 2 - math.floor(math.log10(abs(x)))) if x else 0
    return f"{x:+,.{min(digits, 6)}f}".replace("-", "−") + (f" {estimate.unit}" if estimate.unit else "")


def _rounded(n: int) -> int:
    step: int = 10 ** max(0, len(str(n)) - 2)
    return math.ceil(n / step) * step


def objective_of(pilot: Pilot, better: str) -> tuple[float, int]:
    """The objective of a pilot in the unit its effects are shown in, and its good direction."""
    change = pilot.objective.value
    return change, good_sign(change, better)


def proxy_misleads(ask: Ask, findings: Sequence[Finding]) -> tuple[Diagnostic, ...]:
    """HW429: in some arm a proxy rose and the outcome it stands for did not."""
    pilot = ask.initiative.pilot
    if pilot is None:
        return ()
    declared = ask.portfolio.outcomes.get(ask.initiative.outcome)
    better = declared.metric.better if declared and declared.metric else "higher"
    _, good = objective_of(pilot, better)
    by_arm: dict[str, dict[str, list[Finding]]] = {}
    for finding in findings:
        detail = finding.estimate.detail
        by_arm.setdefault(str(detail["arm"]), {}).setdefault(str(detail["role"]), []).append(finding)
    found = []
    for roles in by_arm.values():
        for proxy in roles.get("proxy", []):
            for outcome in roles.get("outcome", []):
                moved = turned(proxy.estimate, 0.0, good).direction == "beyond"
                if moved and turned(outcome.estimate, 0.0, good).direction != "beyond":
                    found.append(_misleading(ask, proxy, outcome))
    return tuple(found)


def _misleading(ask: Ask, proxy: Finding, outcome: Finding) -> Diagnostic:
    name = ask.initiative.initiative
    rose, stood = _signed(proxy.estimate.value, proxy.estimate), outcome.estimate
    what = (
        f"the proxy {_plain(proxy.metric)} moved {rose}, "
        f"the outcome it stands for did not: {_plain(outcome.metric)} "
        f"{_signed(stood.value, stood)} ({_signed(stood.low, stood)} to {_signed(stood.high, stood)})"
    )
    place = ask.portfolio.place("initiative", name, "pilot", "proxies")
    return Diagnostic("HW429", what, place, "let the gate read the outcome, not the proxy", subject=name)
