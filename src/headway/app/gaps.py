"""Missing evidence by the source that would settle it: one bill, one table, one line in the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from headway.app.moves import UNASSIGNED, decision_due
from headway.evidence.record import Missing
from headway.gates.model import Gate
from headway.gates.requirement import GATES, Requirement
from headway.gates.rules.measure import Wanted
from headway.gates.rules.promotion_budget import FROZEN, NO_E_VALUE, PREDICATE
from headway.gates.verdict import Judged, State, Verdict
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

_DOCTOR = "`headway doctor` prints the YAML of the next source"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would settle a gap.

    Attributes:
        by: the source in plain words.
        mend: one action, with the line to write where there is one.
        source: the declared source it is, where it is one already.
        fact: the fact it fills; empty where words in a file are enough.
        keys: the keys of the initiative's document that are concerned.
    """

    by: str
    mend: str
    source: str | None = None
    fact: str = ""
    keys: tuple[str, ...] = ()


_PILOT = Remedy(
    "a pilot with a table of its units",
    f"declare `pilot:` and bind its table as a source of fact unit; {_DOCTOR}",
    fact="unit",
    keys=("pilot",),
)
_SHARES = Remedy(
    "the planned share of every arm",
    "pilot: {arms: {control: 50 %, treated: 50 %}}",
    keys=("pilot.arms",),
)
_ROWS = Remedy(
    "the rows of the study, which its authors keep",
    "repeat the comparison in the house, or waive the row with a reason",
    fact="unit",
)
_BILL = Remedy("a bill", f"bind a billing export as a source of fact cost; {_DOCTOR}", fact="cost")
_KEY = Remedy(
    "a key into the bill",
    "cost: {select: [{tag: {application: NAME}}]}",
    fact="cost",
    keys=("cost.select",),
)
_TAGGED = Remedy(
    "rows of the bill that bear the declared key",
    "tag what runs with the key under cost.select, or correct the key",
    fact="cost",
    keys=("cost.select",),
)
_COST = Remedy(
    "a cost: a key into the bill, or people at their rates",
    "cost: {select: [{tag: {application: NAME}}]}, or cost: {people: [{role: engineer, rate: …}]}",
    fact="cost",
    keys=("cost",),
)
_LONGER = Remedy("a bill of at least 28 days", "bind the export of at least four weeks", fact="cost")
_MONEY = Remedy(
    "a path in money from the outcome to a P&L line",
    "state slope and volume under drives of the outcome, and who owns them",
    keys=("outcome",),
)
_METERED = Remedy(
    "a meter of what its components use",
    f"add `usage:` to the component and bind its table as a source of fact usage; {_DOCTOR}",
    fact="usage",
    keys=("uses",),
)
_COMMITTED = Remedy(
    "a table of what is committed to providers",
    "bind it as a source of fact commitment; one without a row of its own says that nothing is",
)
_UNITS = Remedy(
    "a count of its outcomes, and what one may cost",
    "unit_cost: {per: claim, source: NAME, metric: NAME, target: 1.50 EUR, volume: 20000 per month}",
    fact="series",
    keys=("unit_cost",),
)
_PRICED = Remedy(
    "a price that is stated",
    "add it to a source of fact rate, named under tokens.prices or energy.factors of the component",
    fact="rate",
    keys=("uses",),
)
_BETTER = Remedy(
    "a comparison in which chance decides, registered before it starts",
    "pilot: {design: randomised, registered: {where: …, id: …, on: …}}",
    fact="unit",
    keys=("pilot.design", "pilot.registered"),
)
_FIRMER = Remedy(
    "a firmer return: cost from the bill instead of declared rates, slopes attested by finance",
    "bind the bill under cost.select; have finance sign the slope with attested_by",
    fact="cost",
    keys=("cost.select",),
)
_LONG = Remedy("more units in a comparison that runs", "let it run on, or stop it", fact="unit")
_OTHERS = Remedy(
    "other pilots that are accepted this year",
    "freeze the e-values of ended pilots with a decision on each, or ask with a new pilot next year",
)
_APPLIED = Remedy(
    "an advice that was applied, and a season after it",
    "apply an advice of `headway capacity`, and record it: headway applied WORKLOAD",
    fact="usage",
)
_END = Remedy("the end of a comparison that runs", "let it run to its end, or end it", fact="unit")
_FRESH = Remedy("newer rows", "read the source again with newer rows, or run the comparison again")

_SEEN_LONGER = Remedy(
    "more days of use", "let the meter run on; `headway capacity` says until when", fact="usage"
)
_ASKED = Remedy(
    "what the next step asks for",
    "capacity: {asked: 6, resource: gpu} in the component",
    keys=("uses",),
)
_OF_CAPACITY = (
    ("no component", _METERED),
    ("its use arrives summed", Remedy("use with its hours", "bind bins in place of sums", fact="usage")),
    ("nothing is asked", _ASKED),
    ("", _SEEN_LONGER),
)

# By measure: what its reason begins with, and what would settle that; the first that fits.
_REMEDIES: Mapping[str, tuple[tuple[str, Remedy], ...]] = {
    "effect": (("no pilot", _PILOT),),
    "srm": (("a published study", _ROWS), ("no shares", _SHARES), ("no rows", _PILOT)),
    "returns": (
        ("no effect", _PILOT),
        ("no cost is declared", _COST),
        ("the cost of its keys", _TAGGED),
        ("the bill covers", _LONGER),
        ("the outcome reaches", _MONEY),
        ("the edge", _MONEY),
        ("'per:", _MONEY),
        ("a relative effect needs", _MONEY),
    ),
    "cost": (("no source", _BILL), ("the initiative declares no key", _KEY), ("no row", _TAGGED)),
    "utilisation": (("no component", _METERED),),
    "capacity": _OF_CAPACITY,
    "waste": _OF_CAPACITY,
    "promises": (("no advice", _APPLIED),),
    "commitments": (("no source", _COMMITTED), ("no use", _METERED)),
    "unit_cost": (
        ("no unit", _UNITS),
        ("no volume", _UNITS),
        ("no target", _UNITS),
        ("no source", _BILL),
        ("the initiative declares no key", _KEY),
        ("no row", _TAGGED),
    ),
    "token_bill": (("no source meters", _METERED), ("no price", _PRICED)),
    "energy": (("no source meters", _METERED), ("no table", _PRICED)),
}


@dataclass
class _Gap:
    remedy: Remedy
    who: dict[str, None] = field(default_factory=dict)
    settles: dict[str, dict[str, None]] = field(default_factory=dict)

    @property
    def initiatives(self) -> list[str]:
        """Everybody it would help."""
        return list(dict.fromkeys(n for names in self.settles.values() for n in names))

    @property
    def rank(self) -> tuple[int, int, str]:
        """The most shared first, then the earliest gate."""
        gates = [g for r in self.settles if (g := r.partition(".")[0]) in GATES]
        return (-len(self.initiatives), min(map(GATES.index, gates), default=len(GATES)), self.remedy.by)


def gaps_of(
    portfolio: Portfolio,
    judged: Iterable[tuple[Gate, Verdict]],
    missing: Mapping[str, tuple[Missing, ...]],
) -> list[Json]:
    """Open requirements under what would settle them, the most shared first.

    An initiative on hold, and one that waits for a decision, need no evidence now.

    Args:
        portfolio: what was declared.
        judged: the gate and the verdict of every initiative that stands before one.
        missing: by initiative, evidence that is not there.
    """
    gaps: dict[Remedy, _Gap] = {}
    for gate, verdict in judged:
        one = portfolio.initiatives[verdict.initiative]
        if one.status != "active" or decision_due(verdict):
            continue
        rows = {r.id: r for r in gate.requirements}
        for open_ in verdict.requirements:
            if open_.state in (State.MISSING, State.INCONCLUSIVE):
                remedy = _remedy(one, rows.get(open_.id), open_, missing.get(one.initiative, ()))
                gap = gaps.setdefault(remedy, _Gap(remedy))
                gap.who[open_.who] = None
                gap.settles.setdefault(open_.id, {})[one.initiative] = None
    return [_shown(g) for g in sorted(gaps.values(), key=lambda g: g.rank)]


def missing_json(one: Initiative, missing: Iterable[Missing], settles: Mapping[str, set[str]]) -> list[Json]:
    """Missing evidence with the source and fact that would settle it, and the open rows that ask for it.

    Args:
        one: the initiative.
        missing: of it.
        settles: measure to the open requirements that read it.
    """
    made: list[Json] = []
    rows = tuple(missing)
    for row in rows:
        remedy = _of_missing(one, _first(row, rows))
        made.append(
            {
                **row.as_json(),
                "settled_by": remedy.by,
                "source": remedy.source,
                "fact": remedy.fact or None,
                "mend": remedy.mend,
                "would_settle": sorted(settles.get(row.measure, ())),
            }
        )
    return made


def open_by_measure(gate: Gate, verdict: Verdict) -> dict[str, set[str]]:
    """Measure to the requirements that read it and are open."""
    rows = {r.id: r for r in gate.requirements}
    found: dict[str, set[str]] = {}
    for judged in verdict.requirements:
        row = rows.get(judged.id)
        if row is not None and judged.state in (State.MISSING, State.INCONCLUSIVE):
            for measure in _measures(row):
                found.setdefault(measure, set()).add(judged.id)
    return found


def _measures(row: Requirement) -> Iterator[str]:
    if row.predicate == "measure":
        yield Wanted.of(row.body).measure
    for member in row.members:
        yield from _measures(member)


def _remedy(one: Initiative, row: Requirement | None, judged: Judged, missing: tuple[Missing, ...]) -> Remedy:
    if row is not None and row.predicate == PREDICATE:
        return _of_budget(one, judged, missing)
    measure = next(_measures(row), "") if row is not None else ""
    if judged.state is State.INCONCLUSIVE:
        return _LONG
    if not measure:
        return _of_file(row, judged)
    why = next((m.why for m in missing if m.measure == measure), judged.saw)
    lacks = Missing(one.initiative, measure, "", judged.reason, why)
    return _of_missing(one, _first(lacks, missing))


def _of_budget(one: Initiative, judged: Judged, missing: tuple[Missing, ...]) -> Remedy:
    """Of the promotion budget: a larger e-value while it may grow, then others; else what keeps it out."""
    if judged.state is State.INCONCLUSIVE:
        return _OTHERS if judged.saw.startswith(FROZEN) else _LONG
    if judged.evidence_ids or judged.saw.startswith(NO_E_VALUE):
        lacks = Missing(one.initiative, "effect", "", judged.reason, judged.saw.removeprefix(NO_E_VALUE))
        return _of_missing(one, _first(lacks, missing))
    return Remedy(judged.saw, "see the guide to the promotion budget, and the mend of what is found below")


def _first(row: Missing, missing: tuple[Missing, ...]) -> Missing:
    """What is missing first: a return without its cost waits for whatever the cost waits for."""
    if row.measure == "returns" and row.why.startswith("the cost of its keys"):
        return next((m for m in missing if m.measure == "cost"), row)
    return row


def _of_missing(one: Initiative, row: Missing) -> Remedy:
    measure, reason, why = row.measure, row.reason, row.why
    source = one.pilot.source if one.pilot and measure in ("effect", "srm", "returns") else None
    if reason == "source_failed":
        by = f"source '{source}', mended" if source else "a source that can be read"
        return Remedy(by, "mend what is found of it below; `headway doctor` asks every source", source=source)
    if reason == "stale":
        return Remedy(_FRESH.by, _FRESH.mend, source=source)
    if reason == "grade":
        return _FIRMER if measure == "returns" else _BETTER
    if reason == "below_min_n":
        return _LONG
    if measure == "effect" and one.pilot and reason == "none":
        return _END
    if measure == "srm" and one.pilot and one.pilot.design in UNASSIGNED and one.pilot.design != "published":
        return _BETTER
    known = next((r for start, r in _REMEDIES.get(measure, ()) if why.startswith(start)), None)
    return known or Remedy(why, f"see `headway gate {one.initiative}`", source=source)


def _of_file(row: Requirement | None, judged: Judged) -> Remedy:
    """A row about what is written is settled by a line in the file: by the row's own example."""
    asked = judged.guidance or judged.id
    example = row.good_example if row is not None else ""
    return Remedy(f"in its file: {asked}", f"for instance {example}" if example else asked)


def _shown(gap: _Gap) -> dict[str, Json]:
    remedy = gap.remedy
    return {
        "settled_by": remedy.by,
        "fact": remedy.fact or None,
        "source": remedy.source,
        "keys": list(remedy.keys),
        "mend": remedy.mend,
        "who": list(gap.who),
        "initiatives": list(gap.initiatives),
        "requirements": [{"id": r, "initiatives": list(names)} for r, names in gap.settles.items()],
    }
