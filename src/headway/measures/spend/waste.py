"""The measure ``waste``: what a replay avoids, and what is paid for and held by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway.aggregates.request import Request
from headway.kernel.estimate import Estimate
from headway.kernel.identity import Json
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.capacity import GRANT, VIOLATION, CapacityMeasure
from headway.measures.spend.price import HOURS_A_MONTH
from headway.portfolio.capacity import Capacity

STANDS = timedelta(days=30)
SHARE, MONEY = "waste_share", "waste"
DEFINITION = (
    "Waste is the cost that a replay of the named policy avoids with at most {short} of samples short, and "
    "capacity that is paid for and held by nobody. Its lines do not overlap and are taken in this order: "
    "unallocated, reserved and unused, releasable idle, oversized, rate. Not waste, unless declared: the "
    "headroom that this needs, redundancy, and the time of failed and cancelled work. A share of idle time "
    "is no saving."
)
LINES = (
    "unallocated",
    "reserved-unused",
    "releasable idle",
    "oversized",
    "rate",
    "failed and cancelled work",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of waste.

    Attributes:
        name: one of `LINES`.
        share: of what is granted, with its ends; None where it was not measured.
        why: why it was not measured, or how it came about.
    """

    name: str
    share: tuple[float, float, float] | None
    why: str = ""


class WasteMeasure:
    """Waste by its printed definition, out of the replay that the measure ``capacity`` made."""

    name = "waste"
    version = "1"
    after = ("capacity",)

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Nothing of its own: it goes on with what ``capacity`` found."""
        return ()

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Per resource the share of what is granted that is waste, and the same in money where priced."""
        capacity = given.earlier[CapacityMeasure.name]
        violations = {_resource(f.metric): f for f in capacity.findings if f.metric.startswith(VIOLATION)}
        found: list[Finding] = []
        absent = [
            Absent(a.metric.replace(GRANT, SHARE), a.reason, a.why)
            for a in capacity.absent
            if a.metric.startswith(GRANT)
        ]
        for finding in capacity.findings:
            if not finding.metric.startswith(GRANT):
                continue
            resource = _resource(finding.metric)
            made = _waste(ask, resource, finding, violations[resource].estimate.value)
            found += made if isinstance(made, list) else []
            absent += [made] if isinstance(made, Absent) else []
        return Result(tuple(found), tuple(absent))


def _resource(metric: str) -> str:
    return metric.partition(" [")[2].removesuffix("]")


def _waste(ask: Ask, resource: str, finding: Finding, violation: float) -> list[Finding] | Absent:
    short = _allowed(ask, finding)
    metric = f"{SHARE} [{resource}]"
    if violation > short:
        why = f"its policy is short in {violation * 100:.2g} % of samples, more than {short * 100:g} %"
        return Absent(metric, "none", f"{why}: what it avoids is no waste")
    detail: Any = finding.estimate.detail
    lines = lines_of(detail)
    ends = total_of(lines)
    told: dict[str, Json] = {
        "definition": DEFINITION.format(short=f"{short * 100:g} %"),
        "lines": lines_json(lines, detail),
        "unknown_share": detail["unknown_share"],
        "granted": detail["granted"],
        "unit": detail["unit"],
        "price": detail["price"],
        "idle": detail["idle"],
    }
    made = [_finding(finding, metric, "share", ends, told)]
    month = per_month(detail)
    if month is not None:
        unit = f"{ask.portfolio.settings.currency} per month"
        amounts = (ends[0] * month, ends[1] * month, ends[2] * month)
        made.append(_finding(finding, f"{MONEY} [{resource}]", unit, amounts, {"of": month}))
    return made


def _allowed(ask: Ask, finding: Finding) -> float:
    component = ask.portfolio.components.get(str(finding.parameters["component"]))
    return ((component and component.capacity) or Capacity()).short


def per_month(detail: dict[str, Any]) -> float | None:
    """What is paid a month for what is granted; None without a price."""
    return None if detail["cost_per_hour"] is None else float(detail["cost_per_hour"]) * HOURS_A_MONTH


def lines_of(detail: dict[str, Any]) -> list[Line]:
    """The lines of waste, each a share of what is paid for; those that cannot be measured say why."""
    return list(_lines(detail))


def _lines(detail: dict[str, Any]) -> Iterator[Line]:
    unallocated, reserved, idle, oversized, rate, failed = LINES
    yield Line(unallocated, None, "what nobody holds is the platform's, and no source says how much there is")
    spent, unused = detail["cost_per_hour"], detail["unused_per_hour"]
    part = unused / spent if spent else 0.0
    if spent is None:
        yield Line(reserved, None, "no bill says what is reserved")
    else:
        yield Line(reserved, (part, part, part))
    yield _of_rest(idle, detail["released"], part, detail["release"])
    yield _of_rest(oversized, detail["oversized"], part)
    yield Line(rate, None, "no commitment was weighed against the price on demand")
    yield Line(failed, None, "no source says which work failed")


def _of_rest(name: str, ends: list[float] | None, part: float, why: str = "") -> Line:
    """A share of what is granted, as one of all that is paid for."""
    if ends is None:
        return Line(name, None, "nothing of it idles that could be given back")
    value, low, high = (x * (1 - part) for x in ends)
    return Line(name, (value, low, high), why)


def total_of(lines: list[Line]) -> tuple[float, float, float]:
    """All of waste: its measured lines added up, at most everything."""
    shares = [line.share for line in lines if line.share]
    value, low, high = (sum(column) for column in zip(*shares, strict=True))
    return value, low, min(high, 1.0)


def lines_json(lines: list[Line], detail: dict[str, Any]) -> list[Json]:
    """The lines as data, each with its share and, where there is a price, its money a month."""
    return [_line_json(line, detail) for line in lines]


def _line_json(line: Line, detail: dict[str, Any]) -> Json:
    month = per_month(detail)
    share: Json = list(line.share) if line.share else None
    amounts: Json = [s * month for s in line.share] if line.share and month is not None else None
    return {"name": line.name, "share": share, "per_month": amounts, "why": line.why}


def _finding(
    of: Finding, metric: str, unit: str, ends: tuple[float, float, float], detail: dict[str, Json]
) -> Finding:
    base = of.estimate
    estimate = Estimate(
        value=ends[0],
        low=min(ends[0], ends[1]),
        high=max(ends[0], ends[2]),
        level=base.level,
        unit=unit,
        n=base.n,
        method=f"{base.method}; what is not advised on counts as waste in the high end",
        grade=base.grade,
        grade_reasons=base.grade_reasons,
        detail=detail,
    )
    return Finding(metric, estimate, of.observed, STANDS, of.requests, of.parameters)
