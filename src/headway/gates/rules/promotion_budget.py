"""The predicate ``promotion_budget``: is the initiative in, among all that ask for promotion this year.

Met where the portfolio's procedure accepts it, beside the e-values that were frozen before; else
inconclusive, with what it would need. It is never missed: a small e-value says that not enough is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.evidence.freshness import stale
from headway.evidence.frozen import Budget, FrozenE, Slot, asks, frozen_of
from headway.evidence.record import Evidence
from headway.gates.promotion import LISTS, Standing, best, standings
from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene
from headway.gates.rules.wording import count_words, e_words
from headway.gates.verdict import Answer, State
from headway.kernel.estimate import Grade
from headway.kernel.quantity import parse_share

PREDICATE = "promotion_budget"
# How what was seen begins, where it is frozen and where there is nothing to ask with.
FROZEN, NO_E_VALUE = "frozen e-value ", "no e-value: "
_KEYS = ("share", "of")
_OF = ("initiatives", "money")
_EXAMPLE = "write promotion_budget: 10 %, or {share: 10 %, of: money}"
MEND_GRADE = "randomise units or the rollout order"
ASSUMES = "holds only if the assumption of its comparisons does"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row asks: the share that may be false, and of what; None means as the portfolio declares."""

    share: float
    of: str | None

    @classmethod
    def of_row(cls, body: Mapping[str, Any]) -> Asked:
        """Read it from a row that `check` found sound."""
        written = body["promotion_budget"]
        if isinstance(written, Mapping):
            return cls(parse_share(str(written["share"])), str(written["of"]) if "of" in written else None)
        return cls(parse_share(str(written)), None)

    def under(self, budget: Budget) -> tuple[float, str]:
        """The share and the kind that hold: the smaller share of row and portfolio."""
        return min(self.share, budget.share), self.of or budget.of


class PromotionBudgetRule:
    """Accepted by the portfolio's procedure."""

    settings: tuple[str, ...] = ()

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """A share between 0 and 1, and what it is counted in."""
        written = body["promotion_budget"]
        parts = written if isinstance(written, Mapping) else {"share": written}
        for key in parts:
            if key not in _KEYS:
                what = f"'{key}' is no part of 'promotion_budget'"
                fault("HW103", what, _EXAMPLE, "promotion_budget", key)
        try:
            share = parse_share(str(parts.get("share", "")))
        except ValueError:
            share = math.nan
        if not 0 < share < 1:
            fault(
                "HW105", "'promotion_budget' is no share between 0 % and 100 %", _EXAMPLE, "promotion_budget"
            )
        if parts.get("of", _OF[0]) not in _OF:
            fault(
                "HW105",
                f"'{parts['of']}' cannot be counted",
                f"use {' or '.join(_OF)}",
                "promotion_budget",
                "of",
            )

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge the frozen rows, and beside them the initiative's own e-value as it is now."""
        asking = _Asking.of(row, scene)
        return asking.answer() if isinstance(asking, _Asking) else asking


@dataclass(frozen=True, slots=True)
class _Asking:
    """One initiative before the budget of its year."""

    row: Requirement
    scene: Scene
    budget: Budget
    known: Mapping[str, Any]
    asked: Asked

    @classmethod
    def of(cls, row: Requirement, scene: Scene) -> _Asking | Answer:
        """As the subject knows the budget; the answer that says why it cannot ask at all."""
        known: Any = scene.subject.facts.get("promotion")
        asked = Asked.of_row(row.body)
        if known is None:
            saw = "no promotion budget is declared: promotion_budget: {slots: 20} in portfolio.yaml"
            return Answer(State.MISSING, saw, _need(asked.share, asked.of or _OF[0]), "none")
        made = cls(row, scene, Budget.from_json(known["budget"]), known, asked)
        lacks = made.closed()
        return Answer(State.MISSING, lacks, made.need, "none") if lacks else made

    @property
    def need(self) -> str:
        """What is needed, in words."""
        return _need(*self.asked.under(self.budget))

    @property
    def rows(self) -> list[FrozenE]:
        """Every frozen row of the year."""
        return [FrozenE.from_json(r) for r in self.known["frozen"]]

    def closed(self) -> str:
        """Why it cannot ask at all; empty where it can."""
        budget, year = self.budget, self.budget.year
        if self.known["judged"] != year:
            return f"the promotion budget that is declared is that of {year}"
        if not budget.slots:
            return "no slots are declared: promotion_budget: {slots: 20} in portfolio.yaml"
        if self.known["slot"] is None:
            return f"the slots of {year} ({budget.slots}) are all taken by pilots registered before"
        if self.asked.under(budget)[1] != "money":
            return ""
        if budget.envelope is None:
            return "no envelope is declared: promotion_budget: {envelope: 12000000 EUR} in portfolio.yaml"
        if self.known["cost"] is None:
            return f"it does not say what it asks for in {budget.currency}: pilot: {{asks: 800000 EUR}}"
        if not self.known["within"]:
            return f"the envelope of {year} does not hold what it asks for beside the pilots before it"
        return ""

    def answer(self) -> Answer:
        """By its frozen rows, else by its evidence now."""
        rows, name = self.rows, self.scene.subject.name
        mine: Sequence[FrozenE] | Answer = [r for r in rows if r.initiative == name]
        frozen = bool(mine)
        if isinstance(mine, list) and frozen and mine[0].registration != self.known["registration"]:
            saw = f"its slot holds the e-value of '{mine[0].metric}', frozen before the pilot was changed"
            return Answer(State.MISSING, saw, self.need, "superseded")
        if not frozen:
            mine = self.now()
        if isinstance(mine, Answer):
            return mine
        share, of = self.asked.under(self.budget)
        least = _least(self.row)
        sound = [r for r in mine if Grade(r.grade).at_least(least)]
        found = standings(self.budget, sound, [r for r in rows if r.initiative != name], share, of)
        if not found:
            saw = f"frozen with grade {mine[0].grade} where {least} is asked; {MEND_GRADE}"
            return Answer(State.MISSING, saw, self.need, "grade")
        told = best(found)
        state = State.MET if told.accepted else State.INCONCLUSIVE
        ids = tuple(dict.fromkeys(r.evidence for r in mine))
        return Answer(state, _saw(told, frozen=frozen), self.need, "", ids)

    def now(self) -> Sequence[FrozenE] | Answer:
        """Its evidence as it would be frozen now, or why none of it may be."""
        of_pilot = [e for e in self.scene.evidence if e.estimate.detail.get("role") == "outcome"]
        known, shares = self.known, tuple(self.known["shares_units_with"])
        slot = Slot(int(known["approaches"]), str(known["registration"]), int(known["slot"]), known["cost"])
        sound: list[FrozenE] = []
        refused: list[Answer] = []
        for effect in (e for e in of_pilot if e.measure == "effect"):
            obstacle = _obstacle(effect, self.row, self.scene, shares)
            if obstacle is None:
                sound.append(frozen_of(effect, slot))
            else:
                refused.append(Answer(State.MISSING, obstacle[1], self.need, obstacle[0], (effect.id,)))
        if sound or refused:
            return sound or refused[0]
        lacking = [m for m in self.scene.missing if m.measure == "effect"]
        if lacking:
            return Answer(State.MISSING, f"{NO_E_VALUE}{lacking[0].why}", self.need, lacking[0].reason)
        return Answer(State.MISSING, f"{NO_E_VALUE}no effect has been measured", self.need, "none")


def asking_now(row: Requirement, scene: Scene) -> Sequence[FrozenE] | Answer:
    """The rows that would be frozen of an initiative now, or the answer that says why there are none."""
    asking = _Asking.of(row, scene)
    return asking.now() if isinstance(asking, _Asking) else asking


def asks_for_it(row: Requirement) -> Iterator[Requirement]:
    """The rows inside a row, itself or members of it, that ask for the promotion budget."""
    if row.predicate == PREDICATE:
        yield row
    for member in row.members:
        yield from asks_for_it(member)


def _obstacle(
    evidence: Evidence, row: Requirement, scene: Scene, shares: Sequence[str]
) -> tuple[str, str] | None:
    """Why an effect may not be asked with: the reason and the words; None where it may."""
    estimate, least = evidence.estimate, _least(row)
    if not estimate.grade.at_least(least):
        why = f": {'; '.join(estimate.grade_reasons)}" if estimate.grade_reasons else ""
        return "grade", f"grade {estimate.grade} where {least} is asked{why}; {MEND_GRADE}"
    if not asks(evidence):
        return "none", f"the estimator of this design has no e-value: {estimate.method}"
    if shares and not evidence.closed:
        return (
            "none",
            f"its pilot shares units with that of {', '.join(shares)}: it asks at its registered end",
        )
    old = stale(evidence, scene.as_of, row.max_age, row.stands)
    if old:
        return "stale", old
    if estimate.n < row.min_n:
        return "below_min_n", f"{estimate.n:,} units, {row.min_n:,} are asked"
    return None


def _least(row: Requirement) -> Grade:
    """The least grade that may ask: what the row says, but never a grade without a list."""
    lowest = Grade(LISTS[-1])
    return row.grade if row.grade and row.grade.at_least(lowest) else lowest


def _need(share: float, of: str) -> str:
    counted = "promotions" if of == "initiatives" else "promoted money"
    return f"accepted by the portfolio's procedure, of whose {counted} {share * 100:g} % may be false"


def _saw(told: Standing, *, frozen: bool) -> str:
    """The e-value and what it needs: alone, and beside those that would be in with it."""
    e = f"{FROZEN if frozen else 'e-value '}{e_words(told.log_e)}"
    several = f"beside {count_words(told.beside)} other{'s' if told.beside > 1 else ''} accepted"
    beside = f"{e_words(told.needed)} {several}" if told.beside else ""
    if told.accepted:
        words = f"{e}, accepted: needed {beside or f'{e_words(told.alone)} alone'}"
    else:
        words = f"{e}, needs {e_words(told.alone)} alone{f', {beside}' if beside else ''}"
    assumed = f"; list {told.grade} {ASSUMES}" if told.grade != LISTS[0] else ""
    return words + assumed


promotion_budget = PromotionBudgetRule()
