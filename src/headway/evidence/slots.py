"""Slots of the promotion budget: who may ask for promotion in a year, in the order of registration.

The order must not depend on what the data say: a slot that is given to whoever shows a large e-value first
would leave the others uncounted, and the share of false promotions without a bound. So every pilot that is
registered holds a slot, whether it asks in the end or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from headway.evidence.frozen import Budget, FrozenE
from headway.facts.act import Act
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import ACT as REGISTERED
from headway.portfolio.registration import digest_of

# Stages before promotion: later ones have been promoted, whatever their pilot said.
_BEFORE = ("proposed", "framed", "piloting")


@dataclass(frozen=True, slots=True)
class Frozen:
    """One act of freezing: the rows of one initiative, under the budget that held then.

    Attributes:
        seq: the number of its entry in the ledger.
        as_of: the moment judged.
        budget: as it held.
        rows: one per approach.
    """

    seq: int
    as_of: datetime
    budget: Budget
    rows: tuple[FrozenE, ...]

    @property
    def initiative(self) -> str:
        """Whose rows these are."""
        return self.rows[0].initiative

    @property
    def slot(self) -> int:
        """The slot that they took."""
        return self.rows[0].slot


@dataclass(frozen=True, slots=True)
class Holder:
    """An initiative that may ask for promotion.

    Attributes:
        initiative: its name.
        slot: the number of its slot; None where all were taken before it.
        approaches: how many approaches share the slot.
        registration: digest of what its pilot registers.
        cost: what it asks for in the currency of the envelope; None where that is not declared so.
        within: whether that fits into the envelope beside those before it.
    """

    initiative: str
    slot: int | None
    approaches: int
    registration: str
    cost: Decimal | None
    within: bool = True


@dataclass(frozen=True, slots=True)
class Promotion:
    """The promotion budget of a year as it stands.

    Attributes:
        budget: the terms in force: as declared, or as they were when the first e-value was frozen.
        declared: the terms as declared now.
        judged: the year of the moment judged.
        frozen: what was frozen in the year.
        holders: by initiative, in the order of registration.
        flagged: by initiative, the running pilots that share units with its own.
    """

    budget: Budget
    declared: Budget
    judged: int
    frozen: tuple[Frozen, ...] = ()
    holders: Mapping[str, Holder] = field(default_factory=dict)
    flagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[FrozenE, ...]:
        """Every frozen row of the year."""
        return tuple(r for f in self.frozen for r in f.rows)

    def of(self, name: str) -> tuple[FrozenE, ...]:
        """The frozen rows of an initiative."""
        return tuple(r for r in self.rows if r.initiative == name)

    def fact(self, name: str) -> dict[str, Json]:
        """What a gate may know of it: plain data, to be pinned by a decision."""
        holder = self.holders.get(name)
        return {
            "budget": self.budget.as_json(),
            "judged": self.judged,
            "slot": holder.slot if holder else None,
            "approaches": holder.approaches if holder else 1,
            "registration": holder.registration if holder else None,
            "cost": exact(holder.cost) if holder and holder.cost is not None else None,
            "within": holder.within if holder else True,
            "shares_units_with": list(self.flagged.get(name, ())),
            "frozen": [r.as_json() for r in self.rows],
        }


def promotion_of(
    portfolio: Portfolio, frozen: Iterable[Frozen], acts: Iterable[Act], as_of: datetime
) -> Promotion | None:
    """The budget of the year that is judged, or None where none is declared.

    Args:
        portfolio: what was declared.
        frozen: every act of freezing in the ledger; those judged later than `as_of` do not count.
        acts: the ledger, for when a design was registered.
        as_of: the moment judged.
    """
    judged = as_of.astimezone(ZoneInfo(portfolio.settings.time_zone)).year
    declared = _declared(portfolio, judged)
    if declared is None:
        return None
    known = [f for f in frozen if f.as_of <= as_of and f.rows]
    mine = tuple(_first_of_each(f for f in known if f.budget.year == declared.year))
    # Terms that move once e-values are known would be chosen by them.
    budget = mine[0].budget if mine else declared
    return Promotion(
        budget, declared, judged, mine, _holders(portfolio, budget, mine, _registrations(acts, as_of))
    )


def _first_of_each(frozen: Iterable[Frozen]) -> Iterator[Frozen]:
    """One per slot and initiative: what somebody appended past the check does not count (HW427)."""
    slots, names = set[int](), set[str]()
    for one in frozen:
        if one.slot not in slots and one.initiative not in names:
            yield one
        slots.add(one.slot)
        names.add(one.initiative)


def _declared(portfolio: Portfolio, judged: int) -> Budget | None:
    found = portfolio.settings.promotion_budget
    if found is None:
        return None
    return Budget(
        year=found.year or judged,
        share=found.share,
        of=found.of,
        slots=found.slots or 0,
        envelope=exact(found.envelope.amount) if found.envelope else None,
        currency=found.envelope.currency if found.envelope else None,
    )


def _registrations(acts: Iterable[Act], as_of: datetime) -> dict[str, list[Act]]:
    made: dict[str, list[Act]] = {}
    for act in acts:
        if act.act == REGISTERED and act.at <= as_of:
            made.setdefault(act.subject, []).append(act)
    return made


def _holders(
    portfolio: Portfolio, budget: Budget, frozen: Sequence[Frozen], registered: Mapping[str, Sequence[Act]]
) -> dict[str, Holder]:
    """Who holds a slot: those frozen first, then by registration; a design given up keeps its own."""
    made = [_frozen_holder(portfolio, f) for f in frozen]
    taken = {f.initiative for f in frozen}
    zone = ZoneInfo(portfolio.settings.time_zone)
    pilots = {
        name: one.pilot
        for name, one in portfolio.initiatives.items()
        if one.pilot is not None and name not in taken and _may_ask(one, one.pilot, budget.year)
    }
    waiting: list[tuple[date, str, bool]] = []
    for name, pilot in pilots.items():
        days = _days(pilot, registered.get(name, ()), zone)
        waiting += [(day, name, at == len(days) - 1) for at, day in enumerate(days)]
    free = iter(sorted({*range(1, budget.slots + 1)} - {f.slot for f in frozen}))
    for _, name, asks in sorted(waiting):
        number = next(free, None)
        if asks:
            made.append(_holder(name, pilots[name], budget, number))
    return {h.initiative: h for h in _inside(made, budget)}


def _days(pilot: Pilot, acts: Sequence[Act], zone: ZoneInfo) -> list[date]:
    """When each design of a pilot was registered, by the ledger, else by the day that its files give.

    A design that was changed once the pilot ran had been looked at: it spent a slot, the next begins anew.
    """
    starts = pilot.dates.starts if pilot.dates else None
    days: list[date] = []
    before: Json = None
    for act in acts:
        day = act.at.astimezone(zone).date()
        if act.body.get("digest") != before and (before is None or (starts is not None and day > starts)):
            days.append(day)
        before = act.body.get("digest")
    outside = pilot.registered.on if pilot.registered else None
    return days or [outside or starts or pilot.published or date.max]


def _may_ask(one: Initiative, pilot: Pilot, year: int) -> bool:
    """Whether its pilot belongs to the year, whatever came of it: a stopped pilot keeps its slot."""
    dates = pilot.dates
    if one.live and one.stage in _BEFORE:
        return dates is None or dates.starts.year <= year
    return not one.live and dates is not None and dates.starts.year <= year <= dates.ends.year


def _frozen_holder(portfolio: Portfolio, frozen: Frozen) -> Holder:
    """Who holds the slot of a frozen row; its initiative may be gone from the files since."""
    one, row = portfolio.initiatives.get(frozen.initiative), frozen.rows[0]
    registration = digest_of(one.pilot) if one and one.pilot else ""
    cost = None if row.cost is None else Decimal(row.cost)
    return Holder(frozen.initiative, row.slot, row.approaches, registration, cost)


def _holder(name: str, pilot: Pilot, budget: Budget, free: int | None) -> Holder:
    asks = pilot.asks if pilot.asks and pilot.asks.currency == budget.currency else None
    return Holder(name, free, _approaches(pilot), digest_of(pilot), asks.amount if asks else None)


def _approaches(pilot: Pilot) -> int:
    """How many approaches are compared with the control, as declared and not as they came out."""
    if pilot.design == "published":
        return max(1, len({e.arm for e in pilot.estimates if e.metric == pilot.metric}))
    return max(1, len(pilot.treatments))


def _inside(holders: Iterable[Holder], budget: Budget) -> Iterator[Holder]:
    """Each with whether its ask fits into the envelope beside those before it that have a slot."""
    taken = ZERO
    for one in holders:
        if one.slot is None or one.cost is None or budget.envelope is None:
            yield one
            continue
        within = add(taken, one.cost) <= Decimal(budget.envelope)
        taken = add(taken, one.cost) if within else taken
        yield replace(one, within=within)


def slot_faults(portfolio: Portfolio, promotion: Promotion) -> Iterator[Diagnostic]:
    """What keeps initiatives from asking: HW425, HW426, HW427; and HW436, terms that changed too late."""
    budget, year = promotion.budget, promotion.budget.year
    if promotion.declared != budget:
        first = promotion.frozen[0]
        what = f"the promotion budget of {year} was changed after entry {first.seq} froze an e-value under it"
        place = portfolio.place("portfolio", portfolio.settings.portfolio, "promotion_budget")
        mend = f"write {_terms(budget)} until {year} ends"
        yield Diagnostic("HW436", what, place, mend)
    for holder in promotion.holders.values():
        place = portfolio.place("initiative", holder.initiative, "pilot")
        if holder.slot is None:
            what = f"the slots of {year} ({budget.slots}) are all taken by pilots registered before"
            mend = f"ask in {year + 1}, and declare more slots for it if more pilots will ask"
            yield Diagnostic("HW425", what, place, mend, subject=holder.initiative)
        elif not holder.within:
            what = (
                f"asks for {holder.cost:,f} {budget.currency}, which the envelope of {year} does not hold "
                "beside the pilots before it"
            )
            asked = portfolio.place("initiative", holder.initiative, "pilot", "asks")
            mend = f"ask for less, or in {year + 1} of the next envelope"
            yield Diagnostic("HW426", what, asked, mend, subject=holder.initiative)
        yield from _another_question(portfolio, promotion, holder)


def _another_question(portfolio: Portfolio, promotion: Promotion, holder: Holder) -> Iterator[Diagnostic]:
    rows = promotion.of(holder.initiative)
    if rows and holder.registration and rows[0].registration != holder.registration:
        what = (
            f"its slot of {promotion.budget.year} holds the e-value of '{rows[0].metric}' that was frozen "
            "before the pilot was changed"
        )
        place = portfolio.place("initiative", holder.initiative, "pilot")
        mend = "take the change back and cite the frozen row, or ask with a new pilot next year"
        yield Diagnostic("HW427", what, place, mend, subject=holder.initiative)


def _terms(budget: Budget) -> str:
    parts = [f"share: {budget.share * 100:g} %", f"of: {budget.of}", f"slots: {budget.slots}"]
    parts += [f"envelope: {budget.envelope} {budget.currency}"] if budget.envelope else []
    return "{" + ", ".join(parts) + "}"
