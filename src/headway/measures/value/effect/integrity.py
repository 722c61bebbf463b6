"""Checks that go before any estimate: arms as declared, their split, clusters in one arm, finite values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from headway.aggregates.request import Request, count
from headway.aggregates.sums import Sums
from headway.facts.unit import CROSSED, REPEATED
from headway.kernel.diagnostic import Diagnostic
from headway.measures.value.effect.answers import ALL, asked
from headway.measures.value.effect.base import Arm, Setting, diagnostic
from headway.statistics.evalues import sample_ratio_log_e

MOST_CONCENTRATED = 10_000.0
# An e-value of 100 or more voids the effect (measurement.md 5.5).
SRM_LIMIT = 100.0
# Share of values of one column that may be other than finite numbers before the source must be cleaned.
NONFINITE_LIMIT = 0.001
# Share of units that met two arms before the assignment is no longer one (measurement.md 5.5).
CROSSING_LIMIT = 0.01
# From here on an e-value is printed without decimals.
_WHOLE_FROM = 10


def arms_as_declared(setting: Setting, arms: Mapping[str, Arm]) -> Diagnostic | None:
    """HW431: an arm that was declared and is not there, or the other way round."""
    declared, seen = set(setting.pilot.arms), set(arms)
    if declared == seen:
        return None
    words = [f"'{a}' is declared and has no unit" for a in sorted(declared - seen)]
    words += [f"'{a}' has {arms[a].units} units and is not declared" for a in sorted(seen - declared)]
    return diagnostic(
        setting, "HW431", "; ".join(words), "declare every arm of the source by its own name", "arms"
    )


def split_log_e(setting: Setting, arms: Mapping[str, Arm]) -> float | None:
    """Natural logarithm of the sample-ratio e-value, on clusters where clusters were assigned."""
    shares = setting.pilot.shares
    if shares is None:
        return None
    by_cluster = setting.pilot.design == "clusters"
    counts = [(arms[a].clusters or 0) if by_cluster else arms[a].units for a in shares]
    return sample_ratio_log_e(counts, list(shares.values()), _concentration(setting, sum(counts)))


def _concentration(setting: Setting, counted: int) -> float:
    """How near to the planned shares the alternative expects the split to be.

    measurement.md 5.5 fixes 10,000. A pilot of a few hundred units then cannot fire whatever its split
    (465 against 163 gives e = 71), so the planned size bounds it; it is known before the first unit, as the
    sequential proof needs. Looked at once, the count itself may stand for the plan.
    """
    plan = setting.pilot.plan
    planned = plan.units if plan and plan.units and setting.pilot.design != "clusters" else None
    if planned is None and setting.pilot.looks != "once":
        return MOST_CONCENTRATED
    return max(1.0, min(MOST_CONCENTRATED, float(planned or counted)))


def split_as_declared(setting: Setting, arms: Mapping[str, Arm], log_e: float | None) -> Diagnostic | None:
    """HW402: the split is so far off that no estimate can be believed."""
    if log_e is None or log_e < math.log(SRM_LIMIT):
        return None
    seen = " / ".join(f"{arms[a].units:,}" for a in setting.pilot.arms)
    planned = " / ".join(f"{(s or 0) * 100:g} %" for s in setting.pilot.arms.values())
    return diagnostic(
        setting,
        "HW402",
        f"{seen} units where {planned} was planned (e = {e_shown(log_e)}): the effect is not measurable",
        "compare the assignment log with the exposure log by day and client version",
        "arms",
    )


def attrition_log_e(setting: Setting, arms: Mapping[str, Arm]) -> float | None:
    """Natural logarithm of the e-value that having an outcome depends on the arm; None where all have one.

    Each arm's share of the units is what its share of the outcomes should be. Where clusters were assigned,
    clusters are counted: their units go missing together.
    """
    there = {a: _counted(setting, arms[a]) for a in setting.pilot.arms if a in arms}
    if len(there) < len(setting.pilot.arms) or not all(seen for seen, _ in there.values()):
        return None
    seen, measured = zip(*there.values(), strict=True)
    if seen == measured:
        return None
    return sample_ratio_log_e(measured, seen, _concentration(setting, sum(measured)))


def _counted(setting: Setting, arm: Arm) -> tuple[int, int]:
    if setting.pilot.design == "clusters":
        return arm.clusters or 0, arm.measured_clusters or 0
    return arm.units, arm.measured


def none_left(setting: Setting, arms: Mapping[str, Arm], log_e: float | None) -> Diagnostic | None:
    """HW403: who has no outcome depends so much on the arm that those who have one are not alike."""
    if log_e is None or log_e < math.log(SRM_LIMIT):
        return None
    counts = [_counted(setting, arms[a]) for a in setting.pilot.arms]
    what = "clusters" if setting.pilot.design == "clusters" else "units"
    seen = " / ".join(f"{measured:,} of {units:,}" for units, measured in counts)
    return diagnostic(
        setting,
        "HW403",
        f"{seen} {what} have an outcome (e = {e_shown(log_e)}): who is missing depends on the arm",
        "compare who is missing by arm, day and client version",
        "metric",
    )


def crossings(setting: Setting) -> tuple[Request, ...]:
    """The count of units that met two arms, or stand in several rows; none where the table cannot tell."""
    request = asked(setting, ("variant",), (ALL, count(CROSSED)))
    if CROSSED in setting.bound.columns:
        return (request,)
    if setting.bound.summed or setting.bound.fact.name != "unit" or setting.pilot.design == "before_after":
        return ()
    terms = (ALL, count(CROSSED), count(REPEATED))
    return (replace(request, keys=(), terms=terms, each="unit_id"),)


def crossed(setting: Setting, sums: Mapping[Request, Sums]) -> tuple[int, int] | None:
    """How many units met two arms, and how many there are."""
    requests = crossings(setting)
    if not requests:
        return None
    answer = sums[requests[0]]
    return int(answer[count(CROSSED)].sum()), int(answer[ALL].sum())


def in_one_arm(setting: Setting, sums: Mapping[Request, Sums]) -> Diagnostic | None:
    """HW404: more than one unit in a hundred met a second arm while it was watched."""
    found = crossed(setting, sums)
    if found is None or found[0] <= CROSSING_LIMIT * found[1]:
        return None
    what = f"{found[0]:,} of {found[1]:,} units met two arms within their window"
    mend = "see that a unit is always given the same arm: the same id, and one bucketing"
    return diagnostic(setting, "HW404", what, mend, "arms")


def in_one_row(setting: Setting, sums: Mapping[Request, Sums]) -> Diagnostic | None:
    """HW457: units stand in several rows, and nothing says that these move together."""
    requests = crossings(setting)
    if not requests or not requests[0].each:
        return None
    answer = sums[requests[0]]
    repeated, units = int(answer[count(REPEATED)].sum()), int(answer[ALL].sum())
    if not repeated:
        return None
    what = f"{repeated:,} of {units:,} units stand in several rows, which are not independent of each other"
    mend = "name what repeats as `cluster`, or make one row per unit in the source's `sql`"
    return diagnostic(setting, "HW457", what, mend, "unit")


def finite_values(setting: Setting, answer: Sums, rows: int) -> Diagnostic | None:
    """HW411: more than one value in a thousand is NaN or infinite."""
    bad = {c: n for c, n in answer.excluded.items() if rows and n / rows > NONFINITE_LIMIT}
    if not bad:
        return None
    column, n = max(bad.items(), key=lambda item: item[1])
    return diagnostic(
        setting,
        "HW411",
        f"column '{column}' holds {n:,} values that are not finite, of {rows:,}",
        "clean the source",
        "metric",
    )


def digits_kept(setting: Setting, answer: Sums) -> Diagnostic | None:
    """HW410: a column that the source stores with too few digits to tell its values apart."""
    used = {m for m, _ in setting.metrics()} | set(setting.pilot.covariates)
    lost = sorted(answer.lost & used)
    if not lost:
        return None
    what = f"column '{lost[0]}' holds too few digits for its own variance, whatever is taken off it"
    mend = "store it as a decimal, or less a constant that all rows share"
    return diagnostic(setting, "HW410", what, mend, "metric")


def e_shown(log_e: float) -> str:
    """An e-value for a person; beyond 1e12 only its size matters.

    >>> e_shown(math.log(312.4)), e_shown(900.0)
    ('312', 'over 1e12')
    """
    if log_e > math.log(1e12):
        return "over 1e12"
    value = math.exp(log_e)
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.3g}"
