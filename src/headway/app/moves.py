"""The next moves: who should do what first, and what it would settle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from headway.gates.verdict import Judged, State, Verdict
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

SHOWN = 3
# What a person can settle alone and today goes before what takes a longer pilot.
_EASE = {State.MISSING: 0, State.MISSED: 1, State.INCONCLUSIVE: 2}


@dataclass
class _Move:
    """Open requirements that one person settles with one kind of act."""

    first: Judged
    settles: list[str] = field(default_factory=list)
    weight: float = 0.0


def moves_of(portfolio: Portfolio, verdicts: Sequence[Verdict]) -> list[Json]:
    """At most three moves.

    A move is one requirement and the person whose move it is, over all initiatives it would settle.
    Only the first open requirement of a kind that stops an initiative counts for it; moves are ordered by
    the money that waits for them (cost of delay, else the forecast), then by how many they settle.
    """
    moves: dict[tuple[str, str], _Move] = {}
    for verdict in verdicts:
        opened = sorted((r for r in verdict.requirements if r.state in _EASE), key=lambda r: _EASE[r.state])
        for at, row in enumerate(opened):
            move = moves.setdefault((row.id, row.who), _Move(row))
            move.settles.append(verdict.initiative)
            if at == 0:
                move.weight += _waiting(portfolio.initiatives[verdict.initiative])
    ranked = sorted(moves.values(), key=lambda m: (-m.weight, -len(m.settles), m.first.id, m.first.who))
    return [_shown(m) for m in ranked[:SHOWN]]


def _waiting(initiative: Initiative) -> float:
    """What a week of waiting costs: as declared, else a week of the forecast's middle."""
    if initiative.cost_of_delay:
        return float(initiative.cost_of_delay.per_year) / 52
    return float(initiative.forecast.per_year.mid) / 52 if initiative.forecast else 0.0


def _shown(move: _Move) -> dict[str, Json]:
    row = move.first
    return {
        "who": row.who,
        "role": row.move,
        "requirement": row.id,
        "state": row.state.value,
        "what": row.guidance,
        "saw": row.saw,
        "settles": list(move.settles),
        "waiting_per_week": round(move.weight, 2),
    }
