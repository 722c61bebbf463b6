"""What must not become worse while a pilot runs, and by how much it may."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from headway.portfolio.values import Declared, Fault, Number, Text

Worse = Literal["up", "down"]
GuardrailKind = Literal["count", "mean", "series"]


class Margin(Declared):
    """How much worse a guardrail may become; without any it must not become worse at all."""

    ratio: Number | None = Field(None, description="the worst ratio of treated to control", examples=["1.25"])
    relative: Number | None = Field(None, description="the largest relative change for the worse")
    absolute: Number | None = Field(
        None, description="the largest change for the worse in the metric's own unit"
    )
    ceiling: Number | None = Field(
        None, description="a share of units with an error that is harmless whatever the control has"
    )


class Guardrail(Declared):
    """A metric that must not become worse."""

    metric: Text = Field(description="its name", examples=["complaints"])
    kind: GuardrailKind = Field(
        "mean",
        description="how it is compared: units with an error, means of units, or two series over time",
    )
    worse: Worse = Field(description="which direction is bad", examples=["up"])
    margin: Margin = Field(Margin(), description="how much worse it may become")
    source: Text | None = Field(
        None, description="for a series: the source of fact series; there unit_id is the arm"
    )
    on_fail: Literal["roll_back", "hold"] = Field("hold", description="what a rollout does when it is missed")

    @property
    def relative(self) -> bool:
        """Whether its margin is a ratio, so that it is compared on the relative scale."""
        return self.margin.ratio is not None or self.margin.relative is not None

    @property
    def harm(self) -> float:
        """The margin as a change for the worse, 0 or more: relative where it is a ratio, else absolute.

        >>> Guardrail(metric="m", worse="down", margin=Margin(ratio=0.8)).harm
        0.2
        """
        if self.margin.ratio is not None:
            return round(self.margin.ratio - 1 if self.worse == "up" else 1 - self.margin.ratio, 12)
        return self.margin.relative or self.margin.absolute or 0.0

    def bound(self, scale: str) -> float:
        """The margin in the metric's own sign on the scale of an estimate: log, relative or absolute.

        >>> round(Guardrail(metric="m", worse="up", margin=Margin(relative=0.25)).bound("log"), 4)
        0.2231
        """
        change = self.harm if self.worse == "up" else -self.harm
        return math.log1p(change) if scale == "log" else change

    def misfit(self, *, clustered: bool) -> tuple[str, str, str] | None:
        """What of its margin does not fit its kind or direction: the key, what is wrong, and the mend.

        Args:
            clustered: whether units of the pilot move together.
        """
        margin = self.margin
        given = [k for k in ("ratio", "relative", "absolute") if getattr(margin, k) is not None]
        if self.kind == "count" and clustered:
            what = f"'{self.metric}' counts units one by one, and units of one cluster err together"
            return "kind", what, "use kind: mean, which counts clusters"
        if len(given) > 1:
            return "margin", f"the margin states {' and '.join(given)}", "state one of them"
        if self.kind == "count" and "absolute" in given:
            what = "errors are compared by their ratio, not by a difference"
            return "margin", what, "use margin: {ratio: 1.25}"
        rising = self.kind == "count" and self.worse == "up"
        if margin.ceiling is not None and not (rising and 0 < margin.ceiling < 1):
            what = "a ceiling is a share of units with an error, between 0 and 1, where more is worse"
            return "margin", what, "use ratio or relative, or kind: count with worse: up"
        if self.harm < 0 or (self.worse == "down" and self.relative and self.harm >= 1):
            what = f"a margin of {getattr(margin, given[0]):g} allows no change {self.worse}"
            example = "ratio: 1.25" if self.worse == "up" else "ratio: 0.8"
            return "margin", what, f"worse: {self.worse} goes with {example}"
        return None


def misfits(
    guardrails: tuple[Guardrail, ...], *, clustered: bool, armed: bool, dated: bool, planned: bool
) -> Iterator[Fault]:
    """Guardrails of a pilot that cannot be judged as declared.

    Args:
        guardrails: as declared.
        clustered: whether units move together.
        armed: whether the design has arms.
        dated: whether the pilot has a start, before which a series has its baseline.
        planned: whether the arms have planned shares.
    """
    for index, one in enumerate(guardrails):
        at = ("guardrails", index)
        wrong = one.misfit(clustered=clustered)
        if one.kind != "mean" and not armed:
            wrong = "kind", f"'{one.metric}' compares arms, and the design has none", "use kind: mean"
        if wrong:
            key, what, mend = wrong
            yield Fault("HW434", (*at, key), what, mend)
        lacks = _lacks(one, dated=dated, planned=planned)
        if armed and lacks:
            yield Fault("HW432", (*at, "kind"), *lacks)


def _lacks(one: Guardrail, *, dated: bool, planned: bool) -> tuple[str, str] | None:
    if one.kind == "series" and one.source is None:
        what = f"the series '{one.metric}' without 'source'"
        return what, "add source: one of fact series, with the arm as unit_id"
    if one.kind == "series" and not dated:
        what = f"the series '{one.metric}' without 'dates': what came before is its baseline"
        return what, "add dates: {starts: 2026-01-12, ends: 2026-04-12}"
    if one.kind == "count" and not planned:
        what = f"the guardrail '{one.metric}' counts errors, and no arm has a planned share"
        return what, "add arms: {control: 50 %, assisted: 50 %}"
    return None
