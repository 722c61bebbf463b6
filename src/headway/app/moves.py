"""The next moves: who should do what first, what it would settle, and what waiting for it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headway.app.coverage import yearly_staff
from headway.gates.requirement import COMPONENTS, GATES
from headway.gates.verdict import Judged, State, Verdict
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import OVER_TIME

SHOWN = 3
_WEEKS = 52
# Designs in which nobody was assigned, or whose assignments stay with the authors: no split can be counted.
UNASSIGNED = frozenset({"published", "observational", "before_after", *OVER_TIME})
_MORE = re.compile(r"about ([\d,]+ more \w+) would settle it")
_OPEN = (State.MISSED, State.MISSING, State.INCONCLUSIVE)
_PASSES = ("approve", "approve_with_conditions")
# What a decision says that was taken, and is not yet in the initiative's file.
_TAKEN = {"reject": "status: rejected", "hold": "status: on-hold", "retire": "stage: retired"}
_NEXT_STAGE = {"framed": "framed", "pilot": "piloting", "scale": "scaling", "operate": "operating"}


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing one person can do about one initiative.

    Attributes:
        waits: what waits for it in a week, by basis, in the portfolio's currency.
        among: how many steps the initiative needs before its gate opens, this one included.
        decides: whether it is a decision that needs no further evidence.
    """

    who: str
    role: str
    requirement: str
    state: str
    what: str
    saw: str
    waits: Mapping[str, float]
    among: int = 1
    decides: bool = False


@dataclass
class _Move:
    """The same step for several initiatives."""

    step: _Step
    settles: list[str] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    weight: float = 0.0

    def add(self, name: str, step: _Step) -> None:
        """Count an initiative in: its waiting is shared over the steps it needs."""
        self.settles.append(name)
        for basis, amount in step.waits.items():
            self.waits[basis] = self.waits.get(basis, 0.0) + amount
        self.weight += sum(step.waits.values()) / step.among

    @property
    def rank(self) -> tuple[bool, float, int, int, int, str, str]:
        """Decisions first, then the money that waits, how many it settles, the earliest gate, value first."""
        gate, component = re.split(r"[.:]\s*", f"{self.step.requirement}.")[:2]
        at = GATES.index(gate) if gate in GATES else len(GATES)
        part = COMPONENTS.index(component) if component in COMPONENTS else len(COMPONENTS)
        of = (self.step.requirement, self.step.who)
        return (not self.step.decides, -self.weight, -len(self.settles), at, part, *of)


def moves_of(
    portfolio: Portfolio, verdicts: Sequence[Verdict], decided: Mapping[str, Mapping[str, Json]] | None = None
) -> list[Json]:
    """At most three moves.

    A decision that is due comes first, since nothing more is needed for it: a gate that is met, or an outcome
    that was missed. Then the evidence that is missing or not yet decided, by the money that waits for it: the
    cost of delay of an initiative (else a week of its forecast) is shared over the steps that its gate still
    needs, so that the one step that opens a gate goes before one of five. Equal ones go by how many
    initiatives they settle, then by the earlier gate. What is on hold has no move.

    Args:
        portfolio: what was declared.
        verdicts: one per initiative that stands before a gate.
        decided: by initiative, the last decision about it as the record shows it.
    """
    moves: dict[tuple[str, str, str], _Move] = {}
    for verdict in verdicts:
        initiative = portfolio.initiatives[verdict.initiative]
        if initiative.status != "active":
            continue
        for step in _steps(portfolio, initiative, verdict, (decided or {}).get(verdict.initiative)):
            key = (step.requirement, step.who, step.what)
            moves.setdefault(key, _Move(step)).add(verdict.initiative, step)
    return [_shown(m) for m in sorted(moves.values(), key=lambda m: m.rank)[:SHOWN]]


def _steps(
    portfolio: Portfolio, one: Initiative, verdict: Verdict, taken: Mapping[str, Json] | None
) -> Iterator[_Step]:
    due = _decision(portfolio, one, verdict, taken)
    if due:
        yield due
        return
    rows = [r for r in verdict.requirements if r.state in _OPEN and _can_be_settled(one, r)]
    if any(r.id.endswith(".effect") for r in rows):
        # A return is worth what the effect is worth: nobody can settle it first.
        rows = [r for r in rows if not r.id.endswith(".return")]
    waits = _delay(one)
    for row in rows:
        yield _Step(row.who, row.move, row.id, row.state.value, _asked(one, row), row.saw, waits, len(rows))


def _decision(
    portfolio: Portfolio, one: Initiative, verdict: Verdict, taken: Mapping[str, Json] | None
) -> _Step | None:
    sponsor = one.sponsor or one.accountable
    missed = _missed(verdict)
    written = _to_write(verdict, taken)
    if written:
        what = f"write into its file what was decided: {written}"
        state = verdict.state.value
        of = f"{verdict.gate}: decided"
        return _Step(one.accountable, "accountable", of, state, what, "", _delay(one), decides=True)
    if verdict.requirements and verdict.state is State.MET:
        what = f"decide whether it passes gate {verdict.gate}: everything that is asked is met"
        saw, of = "every requirement is met", f"{verdict.gate}: met"
        return _Step(sponsor, "sponsor", of, "met", what, saw, _delay(one), decides=True)
    if missed:
        effect = missed[0].id.endswith(".effect")
        lost = "the outcome it is for was missed" if effect else "its return is probably not positive"
        what = f"decide whether to stop, or to change what is tried: {lost}"
        row, waits = missed[0], _spending(portfolio, one)
        return _Step(
            sponsor, "sponsor", row.id, row.state.value, what, row.saw, waits or _delay(one), decides=True
        )
    return None


def decision_due(verdict: Verdict) -> bool:
    """Whether nothing but a decision is lacking: the gate is met, or the outcome was missed."""
    return bool(_missed(verdict)) or bool(verdict.requirements and verdict.state is State.MET)


def _missed(verdict: Verdict) -> list[Judged]:
    """What was measured and is not there: the outcome, or the return."""
    return [
        r
        for r in verdict.requirements
        if r.state is State.MISSED and r.evidence_ids and r.id.endswith((".effect", ".return"))
    ]


def _to_write(verdict: Verdict, taken: Mapping[str, Json] | None) -> str:
    """The line that a decision calls for and the file does not have yet."""
    if taken is None:
        return ""
    kind = str(taken["kind"])
    if kind in _PASSES and taken["gate"] == verdict.gate and verdict.gate in _NEXT_STAGE:
        return f"stage: {_NEXT_STAGE[verdict.gate]}"
    return _TAKEN.get(kind, "")


def _can_be_settled(one: Initiative, row: Judged) -> bool:
    """Nobody can count the split of a comparison in which nobody was assigned."""
    return not (one.pilot is not None and one.pilot.design in UNASSIGNED and row.id.endswith(".srm"))


def _asked(one: Initiative, row: Judged) -> str:
    """What to do about an open requirement: of an effect by what stands in its way, else as its row says."""
    if not row.id.endswith(".effect"):
        return row.guidance
    if row.state is State.INCONCLUSIVE:
        more = _MORE.search(row.saw)
        enough = f"about {more[1]} would settle it" if more else "far more data would be needed to settle it"
        return f"decide whether to measure on or to stop: {enough}"
    if row.reason == "none" and one.pilot:
        return f"bring the comparison to its end: {row.saw}"
    asked = {
        "grade": "repeat the comparison with chance deciding who is treated, registered before it starts",
        "stale": "measure the effect again: what was shown is too old",
        "none": "start a comparison that can tell, or decide to go on without knowing",
    }
    return asked.get(row.reason, row.guidance)


def _delay(one: Initiative) -> dict[str, float]:
    """What a week of waiting costs: as declared, else a week of the forecast's middle."""
    if one.cost_of_delay:
        return {"cost_of_delay": float(one.cost_of_delay.per_year) / _WEEKS}
    week = float(one.forecast.per_year.mid) / _WEEKS if one.forecast else 0.0
    return {"forecast": week} if week > 0 else {}


def _spending(portfolio: Portfolio, one: Initiative) -> dict[str, float]:
    """A week of what goes on being spent until somebody decides to stop."""
    own = portfolio.settings.currency
    week = float(yearly_staff(one, own).get(own, 0)) / _WEEKS
    return {"declared_spend": week} if week > 0 else {}


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
        "waiting_per_week": round(sum(move.waits.values()), 2),
        "waiting_basis": {basis: round(amount, 2) for basis, amount in sorted(move.waits.items())},
    }
