"""The next moves: who should do what first, and what it would settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from headway.gates.verdict import Judged, State, Verdict
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

SHOWN = 3
_WEEKS = 52


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing one person can do about one initiative."""

    who: str
    role: str
    requirement: str
    state: str
    what: str
    saw: str


@dataclass
class _Move:
    """The same step for several initiatives, and what a week of waiting for it costs."""

    step: _Step
    settles: list[str] = field(default_factory=list)
    weight: float = 0.0


def moves_of(portfolio: Portfolio, verdicts: Sequence[Verdict]) -> list[Json]:
    """At most three moves, ordered by the money that waits for them, then by how many they settle.

    Where a gate is met, or an outcome has missed, the move is a decision of the sponsor. Else it is the
    evidence that is missing or not yet decided, with the person whose move it is. The cost of delay of an
    initiative (else a week of its forecast) counts for its first step alone.
    """
    moves: dict[tuple[str, str], _Move] = {}
    for verdict in verdicts:
        initiative = portfolio.initiatives[verdict.initiative]
        for at, step in enumerate(_steps(initiative, verdict)):
            move = moves.setdefault((step.requirement, step.who), _Move(step))
            move.settles.append(verdict.initiative)
            move.weight += _waiting(initiative) if at == 0 else 0.0
    ranked = sorted(
        moves.values(), key=lambda m: (-m.weight, -len(m.settles), m.step.requirement, m.step.who)
    )
    return [_shown(m) for m in ranked[:SHOWN]]


def _steps(initiative: Initiative, verdict: Verdict) -> Iterator[_Step]:
    sponsor = initiative.sponsor or initiative.accountable
    missed = [r for r in verdict.requirements if r.state is State.MISSED and ".value." in r.id]
    if verdict.requirements and verdict.state is State.MET:
        what = f"decide whether it passes gate {verdict.gate}: everything that is asked is met"
        yield _Step(sponsor, "sponsor", f"{verdict.gate}: met", "met", what, "every requirement is met")
        return
    if missed:
        what = "decide whether to stop, or to change what is tried: the outcome it is for was missed"
        yield _Step(sponsor, "sponsor", missed[0].id, missed[0].state.value, what, missed[0].saw)
        return
    opened = [r for r in verdict.requirements if r.state in (State.MISSED, State.MISSING, State.INCONCLUSIVE)]
    for row in sorted(opened, key=lambda r: r.state is State.INCONCLUSIVE):
        if _can_be_settled(initiative, row):
            yield _Step(row.who, row.move, row.id, row.state.value, row.guidance, row.saw)


def _can_be_settled(initiative: Initiative, row: Judged) -> bool:
    """Nobody can count the assignments of a study whose rows stay with its authors."""
    published = initiative.pilot is not None and initiative.pilot.design == "published"
    return not (published and row.id.endswith(".srm"))


def _waiting(initiative: Initiative) -> float:
    """What a week of waiting costs: as declared, else a week of the forecast's middle."""
    if initiative.cost_of_delay:
        return float(initiative.cost_of_delay.per_year) / _WEEKS
    return float(initiative.forecast.per_year.mid) / _WEEKS if initiative.forecast else 0.0


def _shown(move: _Move) -> dict[str, Json]:
    step = move.step
    return {
        "who": step.who,
        "role": step.role,
        "requirement": step.requirement,
        "state": step.state,
        "what": step.what,
        "saw": step.saw,
        "settles": list(move.settles),
        "waiting_per_week": round(move.weight, 2),
    }
