"""The measures ``effect`` and ``srm``: each metric of a pilot against control, after integrity checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.kernel.registry import load, names
from headway.measures.base import STANDS, Absent, Ask, Finding, Given, Result
from headway.measures.value.effect import error_counts, integrity, monitored
from headway.measures.value.effect.answers import answered, dated_by, observed, without_variance
from headway.measures.value.effect.base import (
    Arm,
    Compared,
    Design,
    Refused,
    Setting,
    at_midnight,
    diagnostic,
)
from headway.measures.value.effect.course import courses_of, with_looks
from headway.measures.value.effect.guardrails import judged, not_compared
from headway.measures.value.effect.medians import Medians
from headway.measures.value.effect.open_ended import open_ended, voided
from headway.measures.value.effect.past import past_requests, shrunk
from headway.measures.value.effect.published import published_effects
from headway.measures.value.effect.record import RUNNING_STANDS, closing, effect_of, named, parameters_of
from headway.measures.value.effect.registration import not_begun, registered_grade
from headway.measures.value.effect.regression import MAX_LEVELS, Clusters, TooManyLevels, straddling
from headway.measures.value.effect.wording import proxy_misleads
from headway.portfolio.pilot import ONE_TREATED, ROLLOUTS
from headway.statistics.contrast import Degenerate

_CODES = {
    "too_few": ("HW406", "wait for more units, or correct the arms"),
    "zero_variance": ("HW406", "wait, or choose a metric that varies"),
    "near_zero_mean": ("HW413", "state the objective with scale: absolute"),
    "few_clusters": ("HW415", "assign more clusters; six per arm is a practical least"),
    "few_blocks": ("HW422", "give a longer baseline, or wait"),
    "singular": ("HW433", "drop the covariates or fixed effects that say the same as the arms"),
    "negative": ("HW432", "compare means, or add a constant that lifts the metric above zero"),
    "not_finite": ("HW411", "clean the source of NaN and infinite values"),
}

# Codes that more data would clear.
_TOO_LITTLE = ("HW406", "HW415", "HW419")


class EffectMeasure:
    """Did it move the outcome, by how much, how sure: one estimate per metric and treated arm."""

    name = "effect"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """The sums of the pilot's design."""
        setting = setting_of(ask)
        if setting is None or _faults(setting):
            return past_requests(ask) if ask.initiative.pilot else ()
        rails = (*error_counts.needs(setting), *monitored.needs(setting))
        own = (*design_of(setting).needs(setting), *integrity.crossings(setting), *rails)
        return (*own, *past_requests(ask))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Effects, or why there is none; beside each what past ones leave of it."""
        return shrunk(ask, given, self._estimate(ask, given))

    def _estimate(self, ask: Ask, given: Given) -> Result:
        pilot = ask.initiative.pilot
        if pilot is None:
            return Result(absent=(Absent("effect", "none", "no pilot is declared"),))
        if pilot.design == "published":
            findings = published_effects(pilot)
            return Result(findings, diagnostics=proxy_misleads(ask, findings))
        setting = setting_of(ask)
        if setting is None or ask.table in given.failed:
            return _nothing(
                pilot.metric,
                "source_failed",
                given.failed.get(ask.table or "", f"source '{ask.table}' cannot be read"),
            )
        faults = _faults(setting)
        if faults:
            return _nothing(pilot.metric, "source_failed", faults[0].what, *faults)
        early = not_begun(setting)
        return _nothing(pilot.metric, "none", early) if early else _effects(setting, given.sums)


class SampleRatio:
    """Whether units split over the arms as planned: the e-value of the sample ratio."""

    name = "srm"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """The same sums as the effect."""
        return EffectMeasure().needs(ask)

    def estimate(self, ask: Ask, given: Given) -> Result:
        """One e-value; a published pilot and one without planned shares have none."""
        setting = setting_of(ask)
        pilot = ask.initiative.pilot
        if setting is None or pilot is None or ask.table in given.failed or _faults(setting):
            return _nothing(
                "srm",
                "none",
                "a published study: its assignments cannot be counted here"
                if pilot and pilot.design == "published"
                else "no rows to count",
            )
        if early := not_begun(setting):
            return _nothing("srm", "none", early)
        design = design_of(setting)
        requests = design.needs(setting)
        arms = design.arms(setting, given.sums)
        if not arms and not setting.pilot.arms:
            return _nothing("srm", "none", "no units were assigned to arms")
        if integrity.arms_as_declared(setting, arms):
            return _nothing("srm", "source_failed", "the arms of the source are not those declared")
        log_e = integrity.split_log_e(setting, arms)
        if log_e is None:
            return _nothing("srm", "none", "no shares were planned")
        value = math.exp(min(log_e, math.log(1e12)))
        counted = sum(a.units for a in arms.values())
        estimate = Estimate(
            value=value, low=value, high=value, level=1.0, unit="e-value", n=counted,
            method="sample-ratio e-value, Lindon and Malek 2022", grade=Grade.C,
            grade_reasons=("a count of all units",),
            detail={
                "n_per_arm": {a: c.units for a, c in arms.items()}, "log_e": log_e,
                **_beside(setting, arms, given),
            },
        )  # fmt: skip
        window = _window(setting, requests, given.sums)
        closed, _ = closing(setting)
        stands = STANDS[Grade.A] if closed else RUNNING_STANDS
        return Result((Finding("srm", estimate, window, stands, requests, parameters_of(setting, "")),))


def _beside(setting: Setting, arms: Mapping[str, Arm], given: Given) -> dict[str, Json]:
    """What else tells whether arms are alike, where there is something to tell."""
    missing = integrity.attrition_log_e(setting, arms)
    both = integrity.crossed(setting, given.sums)
    beside: dict[str, Json] = {} if missing is None else {"attrition_log_e": missing}
    return beside if both is None else {**beside, "crossed": both[0]}


def setting_of(ask: Ask) -> Setting | None:
    """The pilot over its source, where both are there and the design is registered."""
    pilot = ask.initiative.pilot
    if pilot is None or ask.table is None or ask.table not in ask.bound or pilot.design == "published":
        return None
    bound = ask.bound[ask.table]
    key = (pilot.key or ask.initiative.initiative) if "key" in bound.columns else None
    return Setting(ask, pilot, bound, key)


def design_of(setting: Setting) -> Design:
    """The registered design of a pilot, with another estimator where it compares medians or clusters."""
    design: Design = load("headway.designs", setting.pilot.design)()  # type: ignore[operator]
    if setting.pilot.statistic == "median":
        return Medians(design)
    if setting.pilot.design != "clusters" and (setting.pilot.cluster or setting.pilot.fixed_effects):
        return Clusters(design)
    return design


def _faults(setting: Setting) -> tuple[Diagnostic, ...]:
    """What makes the pilot unreadable before a row is read."""
    pilot, bound = setting.pilot, setting.bound
    if pilot.design not in names("headway.designs"):
        what = f"the design '{pilot.design}' is not in this build"
        return (
            diagnostic(
                setting, "HW308", what, f"use one of: {', '.join(names('headway.designs'))}", "design"
            ),
        )
    if pilot.statistic == "median" and (
        pilot.cluster or pilot.design == "clusters" or bound.summed or pilot.covariates
    ):
        what = "a median needs rows, without clusters or covariates"
        return (
            diagnostic(
                setting, "HW432", what, "compare means, or drop the cluster and covariates", "statistic"
            ),
        )
    if setting.cumulative and dated_by(setting) is None:
        what = f"source '{bound.source}' holds snapshots and does not say of when"
        mend = f"map `closed_at` in source '{bound.source}'"
        return (diagnostic(setting, "HW303", what, mend, "source"),)
    if bound.summed and (pilot.covariates or pilot.fixed_effects):
        what = f"source '{bound.source}' is already summed and carries no cross-products"
        return (
            diagnostic(
                setting, "HW432", what, "drop covariates and fixed effects, or bind rows", "covariates"
            ),
        )
    if pilot.design in ONE_TREATED and bound.fact.name != "panel":
        what = f"the design '{pilot.design}' over source '{bound.source}' of fact {bound.fact.name}"
        mend = "bind a source of fact panel: one row per group and period"
        return (diagnostic(setting, "HW432", what, mend, "source"),)
    # The table of a rollout is refused where it is made: its columns are no longer those of the source.
    if bound.summed or pilot.design in ROLLOUTS:
        return ()
    wanted = [(m, ("metric",)) for m, _ in setting.metrics()]
    wanted += [(g.metric, ("guardrails",)) for g in error_counts.rails(setting)]
    wanted += [(c, ("covariates",)) for c in pilot.covariates] + [
        (c, ("fixed_effects",)) for c in pilot.fixed_effects
    ]
    absent = [(c, path) for c, path in wanted if c not in bound.columns]
    mend = f"map it in source '{bound.source}'; it has: {', '.join(bound.columns[:12])}"
    found = [
        diagnostic(setting, "HW303", f"no column '{c}' in source '{bound.source}'", mend, *path)
        for c, path in absent
    ]
    numbers = [m for m, _ in wanted if m in bound.columns and m not in pilot.fixed_effects]
    found += [
        diagnostic(
            setting,
            "HW304",
            f"column '{name}' is {bound.types[name]}, not a number",
            "cast it in the source's `sql`",
            "metric",
        )
        for name in numbers
        if not bound.is_number(name)
    ]
    return tuple(found)


def _effects(setting: Setting, sums: Mapping[Request, Sums]) -> Result:
    design = design_of(setting)
    requests = design.needs(setting)
    arms = design.arms(setting, sums)
    stop = _integrity(setting, requests, sums, arms) if arms or setting.pilot.arms else None
    if stop:
        return _nothing(setting.pilot.metric, "source_failed", stop.what, stop)
    try:
        compared = design.compare(setting, sums)
    except TooManyLevels as fault:
        what = f"{fault} levels of fixed effects, at most {MAX_LEVELS} are fitted"
        found = diagnostic(setting, "HW430", what, "use coarser groups", "fixed_effects")
        return _nothing(setting.pilot.metric, "source_failed", what, found)
    return _collected(setting, design, requests, sums, compared)


def _integrity(
    setting: Setting, requests: tuple[Request, ...], sums: Mapping[Request, Sums], arms: Mapping[str, Arm]
) -> Diagnostic | None:
    answer = answered(setting, requests[0], sums)
    rows = sum(a.units for a in arms.values())
    stop = (
        integrity.arms_as_declared(setting, arms)
        or integrity.finite_values(setting, answer, rows)
        or integrity.digits_kept(setting, answer)
    )
    if not stop and setting.pilot.design == "clusters":
        both = straddling(setting, answer)
        if both:
            what = f"{len(both)} clusters stand in two arms, first '{both[0]}'"
            stop = diagnostic(
                setting,
                "HW405",
                what,
                "name what was assigned as `cluster`, or use design: randomised",
                "cluster",
            )
    return (
        stop
        or integrity.in_one_arm(setting, sums)
        or (None if isinstance(design_of(setting), Clusters) else integrity.in_one_row(setting, sums))
        or integrity.split_as_declared(setting, arms, integrity.split_log_e(setting, arms))
        or integrity.none_left(setting, arms, integrity.attrition_log_e(setting, arms))
    )


def _collected(
    setting: Setting, design: Design, requests: tuple[Request, ...], sums: Mapping[Request, Sums],
    compared: Any,
) -> Result:  # fmt: skip
    roles = dict(setting.metrics())
    window = _window(setting, requests, sums)
    graded, told = _graded(setting, design, requests[0], sums)
    courses = courses_of(design, setting, sums)
    findings: list[Finding] = []
    absent: list[Absent] = []
    diagnostics: list[Diagnostic] = []
    for row in compared:
        metric = named(row.metric, row.arm, len(setting.treated))
        if isinstance(row, Refused):
            found = row.found or _refusal(setting, metric, row)
            diagnostics.append(found)
            why = "below_min_n" if found.code in _TOO_LITTLE else "source_failed"
            absent.append(Absent(metric, why, row.fault.detail))
            continue
        # What was seen before the design was changed to what it is now is no evidence for it, and no e-value
        # is proven for a metric that goes on growing.
        counted = replace(row, form="none") if {d.code for d in told} & {"HW401", "HW409"} else row
        made = effect_of(setting, counted, roles[row.metric], graded, window, requests)
        if isinstance(made, Finding):
            made = with_looks(made, courses.get((row.metric, row.arm)), told)
        if isinstance(made, Absent):
            absent.append(made)
        else:
            findings.append(judged(setting, row, made))
            diagnostics += row.notes
    diagnostics += told if findings else ()
    diagnostics += _left_out(setting, requests[0], sums)
    diagnostics += proxy_misleads(setting.ask, findings)
    own = Result(tuple(findings), tuple(absent), tuple(diagnostics))
    errors = error_counts.counted(setting, graded, window, sums)
    return _guarded(setting, own, errors, monitored.watched(setting, graded, sums))


def _guarded(setting: Setting, *results: Result) -> Result:
    """All results as one; a guardrail of which none speaks is missing."""
    together = Result(
        tuple(f for r in results for f in r.findings),
        tuple(a for r in results for a in r.absent),
        tuple(d for r in results for d in r.diagnostics),
    )
    return replace(together, absent=(*together.absent, *not_compared(setting, together)))


def _graded(
    setting: Setting, design: Design, request: Request, sums: Mapping[Request, Sums]
) -> tuple[tuple[Grade, tuple[str, ...]], tuple[Diagnostic, ...]]:
    """The grade that design, registration and the proof for many looks allow, and what took from it."""
    grade, reasons, told = registered_grade(setting, design.grade(setting, sums), request, sums)
    void = open_ended(setting, request, sums)
    return (voided((grade, reasons)), (*told, void)) if void else ((grade, reasons), (*told,))


def _refusal(setting: Setting, metric: str, row: Refused) -> Diagnostic:
    code, mend = _CODES[row.fault.reason]
    what = f"{metric}: {_in_words(row.fault)}"
    return diagnostic(setting, code, what, row.mend or mend, "metric")


def _left_out(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> list[Diagnostic]:
    lost = without_variance(setting, request, sums)
    what = f"{lost} summed rows state no sum of squares"
    told = diagnostic(setting, "HW412", what, "ask the source for the variance", "source")
    return [told] if lost else []


def _in_words(fault: Degenerate) -> str:
    if fault.reason == "singular":
        return "the arms cannot be told apart from the covariates or fixed effects"
    return fault.detail


def _window(
    setting: Setting, requests: tuple[Request, ...], sums: Mapping[Request, Sums]
) -> tuple[datetime, datetime] | None:
    ends = observed(setting, requests[0], sums)
    if ends:
        first, last = at_midnight(ends[0]), at_midnight(ends[1])
        return (first, last) if first and last else None
    dates = setting.pilot.dates
    if not dates:
        return None
    last_day = min(dates.ends, setting.ask.today)
    return datetime.combine(dates.starts, time.min, UTC), datetime.combine(
        max(last_day, dates.starts), time.min, UTC
    )


def _nothing(metric: str, reason: str, why: str, *found: Diagnostic) -> Result:
    return Result(absent=(Absent(metric, reason, why),), diagnostics=found)


__all__ = ["Compared", "EffectMeasure", "SampleRatio", "design_of", "setting_of"]
