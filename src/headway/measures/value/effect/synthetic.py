"""One treated group against a mixture of untreated ones that moved as it did before."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.value.effect.base import Arm, Compared, Refused, Setting, diagnostic
from headway.measures.value.effect.counterfactual import (
    beside,
    drawn_from,
    graded,
    on_scale,
    refused,
    too_short,
)
from headway.measures.value.effect.one_treated import (
    GroupCourses,
    Unfit,
    courses_of,
    left_out,
    panel_request,
)
from headway.statistics.conformal import conformal_interval, conformal_p
from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.synthetic import (
    LEAST_BEFORE,
    LEAST_DONORS,
    OneTreated,
    Placebos,
    SyntheticControl,
    one_sided,
    placebos,
    synthetic_control,
)
from headway.statistics.synthetic_did import difference_in_differences, synthetic_did

LEVEL = 0.95
# Placebos that miss by more, before treatment, than so many times the treated group's error are not drawn:
# twenty times in squares, as Abadie, Diamond, Hainmueller (2010) have it.
DRAWN = 20**0.5


class Synthetic:
    """Synthetic control on outcomes alone, with placebos, shifts in time, and differences beside it."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: sums of every metric by group and period."""
        return (panel_request(setting),)

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """None: groups are not assigned to arms."""
        return {}

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """The treated group against its mixture, on every metric."""
        return [_compared(setting, metric, sums) for metric, _ in setting.metrics()]

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """B where enough donors imitate the treated group well for long enough, else C."""
        try:
            courses, panel = _panel(setting, setting.pilot.metric, sums)
        except (Unfit, Degenerate) as fault:
            return Grade.C, (str(fault),)
        found = synthetic_control(panel)
        loose = () if found.unique else ("several mixtures imitate it equally well before treatment",)
        return graded(courses, found.rmspe_before, loose)


def _panel(setting: Setting, metric: str, sums: Mapping[Request, Sums]) -> tuple[GroupCourses, OneTreated]:
    courses = courses_of(setting, metric, sums)
    if courses.starts < LEAST_BEFORE:
        before = f"{courses.starts} period{'s' if courses.starts != 1 else ''}"
        raise too_short(setting, f"{before} before '{courses.treated}' is treated, needs {LEAST_BEFORE}")
    if len(courses.donors) < LEAST_DONORS:
        others = f"{len(courses.donors)} group{'s' if len(courses.donors) != 1 else ''}"
        what = f"{others} to compare '{courses.treated}' with, needs {LEAST_DONORS}"
        mend = "add groups that are not treated, or use design: interrupted"
        raise Unfit(diagnostic(setting, "HW908", what, mend, "source"))
    return courses, OneTreated(courses.y, courses.others, courses.starts)


def _compared(setting: Setting, metric: str, sums: Mapping[Request, Sums]) -> Compared | Refused:
    try:
        courses, panel = _panel(setting, metric, sums)
        found = synthetic_control(panel)
        tested = placebos(panel, found)
        shifted = conformal_interval(panel, found.effect, LEVEL)
        told = shifted if shifted and math.isfinite(shifted[0]) else None
        ends = told or tested.contrast.interval(LEVEL)
        actual = float(panel.treated[panel.starts :].mean())
        shown = on_scale(setting, metric, tested.contrast, ends, actual)
    except Unfit as fault:
        return refused(metric, fault)
    except Degenerate as fault:
        return Refused(metric, "", fault)
    p = one_sided(panel, tested, shown.hurdle, shown.good)
    how = "conformal interval" if told else "placebo interval"
    return Compared(
        metric,
        courses.treated,
        shown.contrast,
        shown.scale,
        actual - found.effect,
        {},
        note=f"{how}, rank {tested.rank} of {tested.ratios.size + 1}",
        beside={
            **_tests(panel, tested, told),
            **_fit(courses, found),
            **_others(panel),
            "counterfactual": drawn_from(
                setting, metric, courses, found.counterfactual, "synthetic", _best(found, tested)
            ),
        },
        form="calibrator",
        p_one_sided=p,
        ends=shown.ends,
        notes=left_out(setting, courses),
    )


def _tests(panel: OneTreated, tested: Placebos, shifted: tuple[float, float] | None) -> dict[str, Json]:
    """P-values, and both intervals, in the outcome's unit."""
    return {
        "p_value": tested.p_value,
        "placebo_rank": tested.rank,
        "groups": tested.ratios.size + 1,
        "periods": panel.treated.size,
        "conformal_p": conformal_p(panel, 0.0),
        "conformal_ends": list(shifted) if shifted else None,
        "placebo_ends": list(tested.contrast.interval(LEVEL)),
    }


def _fit(courses: GroupCourses, found: SyntheticControl) -> dict[str, Json]:
    """The mixture, and how well it imitates."""
    heaviest = np.argsort(-found.weights, kind="stable")
    return {
        "rmspe_before": found.rmspe_before,
        "rmspe_after": found.rmspe_after,
        "weights": {courses.donors[i]: float(found.weights[i]) for i in heaviest if found.weights[i] > 0},
        "unique": found.unique,
    }


def _best(found: SyntheticControl, tested: Placebos) -> list[FloatArray]:
    """Gaps of the placebos that could be imitated too, those that fit best before treatment first."""
    fits = sorted(tested.fits, key=lambda f: f.rmspe_before)
    worst = max(found.rmspe_before * DRAWN, fits[0].rmspe_before)
    return [f.gap for f in fits if f.rmspe_before <= worst]


def _others(panel: OneTreated) -> dict[str, Json]:
    """Differences in differences, with weights and plain, where the panel allows them."""
    made: dict[str, Json] = {}
    estimators: dict[str, Callable[[OneTreated], Contrast]] = {
        "synthetic_did": synthetic_did,
        "difference_in_differences": difference_in_differences,
    }
    for name, estimator in estimators.items():
        try:
            made[name] = dict(beside(estimator(panel), LEVEL))
        except Degenerate as fault:
            made[name] = fault.detail
    return made
