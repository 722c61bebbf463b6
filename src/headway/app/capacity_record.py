"""What `headway capacity` found, as data: the schema ``headway.capacity/1``."""

from __future__ import annotations

from collections.abc import Iterable

from headway.app.capacity import Pool, Sizing
from headway.app.check import diagnostic_json
from headway.kernel.estimate import significant
from headway.kernel.identity import Json, instant
from headway.kernel.quantity import show_duration
from headway.measures.spend.advice import Interval, Replayed
from headway.measures.spend.capacity import detail_of, why_not, window
from headway.measures.spend.course import course_json
from headway.measures.spend.fleet import Fleet
from headway.measures.spend.pool import Pooled, pool
from headway.measures.spend.price import HOURS_A_MONTH, Held, money
from headway.measures.spend.sizing import Sized
from headway.measures.spend.waste import DEFINITION, lines_json, lines_of, total_of

SCHEMA = "headway.capacity/1"
# So many workloads are drawn, those with most at stake; the rest stands in the table alone.
DRAWN = 6
_UNTOLD = "not told: no history to try it on; --observe replays what there is"
_DAYS_A_MONTH = HOURS_A_MONTH / 24


def record_of(made: Sizing) -> dict[str, Json]:
    """The schema ``headway.capacity/1``."""
    settings = made.portfolio.settings
    return {
        "schema": SCHEMA,
        "as_of": instant(made.checked.as_of),
        "portfolio": {
            "name": settings.portfolio,
            "title": settings.title or settings.portfolio,
            "currency": settings.currency,
            "time_zone": settings.time_zone,
        },
        "observe": made.wanted.observe,
        "definition": DEFINITION.format(short="1 %"),
        "components": [_pool(made, pool) for pool in made.pools],
        "diagnostics": [diagnostic_json(d) for d in made.diagnostics],
    }


def _pool(made: Sizing, of: Pool) -> dict[str, Json]:
    component, settings = of.of.component, of.of.settings
    titles = made.portfolio.initiatives
    return {
        "name": component.component,
        "title": component.title or component.component,
        "initiatives": [{"name": n, "title": titles[n].title or n} for n in of.initiatives],
        "source": of.of.bound.source,
        "dated": of.of.dated,
        "policy": settings.policy,
        "short": settings.short,
        "history": show_duration(settings.history),
        "resources": [_fleet(f, observe=made.wanted.observe) for f in of.fleets],
    }


def _fleet(fleet: Fleet, *, observe: bool) -> dict[str, Json]:
    # Where history does not suffice, no saving is told unless somebody wants to observe (section 5).
    told = observe or bool(fleet.advised)
    ranked = sorted(fleet.sized, key=_at_stake, reverse=True)
    drawn = {id(s) for s in ranked[:DRAWN]} if len(ranked) > 1 else set()
    priced = fleet.price if isinstance(fleet.price, Held) else None
    advised = [s.advice.direction for s in fleet.advised]
    return {
        "resource": fleet.resource,
        "unit": fleet.unit,
        "rungs": sorted({s.load.rung for s in fleet.sized if s.load.rung}),
        "window": _window(window(fleet)),
        "workloads": len(fleet.sized),
        "advised": {d: advised.count(d) for d in ("up", "down", "keep")},
        "why_not": "" if fleet.advised else why_not(fleet)[0],
        "sufficient_on": None if fleet.advised or (day := why_not(fleet)[1]) is None else day.isoformat(),
        "granted": _short(fleet.granted),
        "need": _ends(fleet.need if told else None),
        "replayed": _replayed(fleet.replayed if told else None),
        "price": {
            "per_unit_month": str(money(priced.unit_hour * HOURS_A_MONTH)) if priced else None,
            "basis": priced.basis if priced else str(fleet.price),
        },
        "saving_per_month": _saved(fleet),
        "waste": _waste(fleet),
        "answers": list(_answers(fleet, told=told)),
        "course": course_json(fleet.sized, replay=told),
        "rows": [_row(s, drawn=id(s) in drawn, observe=observe) for s in ranked],
    }


def _at_stake(one: Sized) -> tuple[float, float, str]:
    """Money first, then how much of the grant is in question."""
    advice = one.advice
    change = abs(advice.granted - advice.proposed) if advice.proposed is not None else 0.0
    if advice.proposed is None and one.advice.replayed:
        change = abs(one.advice.replayed.saving.value) * advice.granted
    return abs(advice.saving_per_day or 0.0), change, one.load.workload


def _saved(fleet: Fleet) -> str | None:
    known = [a for s in fleet.advised if (a := s.advice.saving_per_day) is not None]
    return str(money(sum(known) * _DAYS_A_MONTH)) if known else None


def _row(one: Sized, *, drawn: bool, observe: bool) -> dict[str, Json]:
    advice = one.advice
    told = observe or advice.proposed is not None
    saved = advice.saving_per_day
    covered = advice.coverage
    return {
        "workload": advice.workload,
        "unit": advice.unit,
        "rung": advice.rung,
        "now": _short(advice.granted),
        "advised": None if advice.proposed is None else _short(advice.proposed),
        "direction": advice.direction if advice.proposed is not None else None,
        "saving_per_month": None if saved is None else str(money(saved * _DAYS_A_MONTH)),
        "replayed": _replayed(advice.replayed if told else None),
        "promised": _ends(advice.promised),
        "history": {
            "level": covered.level,
            "window": _window(advice.window),
            "sufficient_on": covered.sufficient_on.isoformat() if covered.sufficient_on else None,
            "shift": _ends(covered.shift),
            "saturated": covered.saturated,
            "season_hours": covered.season_hours,
        },
        "why_not": {"code": one.code, "why": one.why_not} if one.why_not else None,
        "policy": advice.policy,
        "parameters": advice.parameters,
        "binds": advice.binds,
        "grade": advice.grade.value,
        "grade_reasons": list(advice.grade_reasons),
        "valid_until": instant(advice.valid_until),
        "course": course_json([one], replay=told) if drawn else None,
    }


def _replayed(found: Replayed | None) -> Json:
    if found is None:
        return None
    return {
        "saving": _ends(found.saving),
        "short": _ends(found.violation),
        "unserved": _ends(found.unserved),
        "slack": _short(found.slack),
        "workloads_above": _short(found.above),
        "samples": found.samples,
        "workloads": found.workloads,
    }


def _waste(fleet: Fleet) -> Json:
    """The lines of waste; none where nothing is advised, or the policy is short too often."""
    replayed = fleet.replayed
    if not fleet.advised or replayed is None or replayed.violation.value > fleet.of.settings.short:
        return None
    detail = detail_of(fleet)
    lines = lines_of(detail)
    value, low, high = total_of(lines)
    month = fleet.price.per_hour * HOURS_A_MONTH if isinstance(fleet.price, Held) else None
    return {
        "share": {"value": value, "low": low, "high": high},
        "per_month": None if month is None else [str(money(x * month)) for x in (value, low, high)],
        "lines": lines_json(lines, detail),
    }


def _answers(fleet: Fleet, *, told: bool) -> Iterable[Json]:
    """Four answers to how much could go, side by side, each with what it means (section 6.1)."""
    if fleet.idle is None:
        return
    holding = fleet.idle.holding
    means = "use is below 5 % of the grant in so much of the time: no saving, since where one cuts decides it"
    if holding:
        means += f"; {holding.low * 100:.1f} to {holding.high * 100:.1f} % of it keeps its memory"
    yield _answer("idle", fleet.idle.share, None, means)
    if not told:
        yield from (_answer(name, None, None, _UNTOLD) for name in ("joint slice", "right size", "pool"))
        return
    joint = fleet.joint
    if joint:
        means = (
            "a slice for work and memory together, cut with perfect knowledge of what came: an upper bound; "
            f"memory decides for {joint.binds} of {joint.workloads}"
        )
        yield _answer("joint slice", joint.saving, None, means)
    else:
        yield _answer("joint slice", None, None, "not measured: no memory is metered beside the work")
    replayed = fleet.replayed
    if replayed:
        short = f"short in {replayed.violation.value * 100:.2g} % of samples"
        means = (
            f"what the policy '{fleet.of.settings.policy}' would have saved on days it had not seen, {short}"
        )
        yield _answer("right size", replayed.saving.value, replayed.saving, means)
    else:
        yield _answer("right size", None, None, "not measured: no workload has enough history to replay")
    pooled = pool([s.load for s in fleet.sized])
    if isinstance(pooled, Pooled):
        yield _answer("pool", pooled.saving.value, pooled.saving, f"{pooled.words}; an upper bound")
    else:
        yield _answer("pool", None, None, f"not measured: {pooled.why}")


def _answer(name: str, share: float | None, ends: Interval | None, means: str) -> Json:
    return {
        "name": name,
        "share": None if share is None else _short(share),
        "low": _short(ends.low) if ends else None,
        "high": _short(ends.high) if ends else None,
        "means": means,
    }


def _ends(of: Interval | None) -> Json:
    if of is None:
        return None
    return {"value": _short(of.value), "low": _short(of.low), "high": _short(of.high)}


def _window(ends: Iterable[object]) -> Json:
    first, last = ends
    return {"from": instant(first), "to": instant(last)}  # type: ignore[arg-type]


def _short(value: float) -> float:
    return significant(value, 9)
