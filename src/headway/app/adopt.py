"""Use case ``adopt``: what another operating model would say of the portfolio, before it says it.

The evidence is collected once and judged twice. Adopting a requirement and trying another model are the
same comparison; only adopting ends in a change of the portfolio's own file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from headway.app.check import Checked, diagnostic_json
from headway.app.migrate import Migration, Rewritten
from headway.app.migrate import write as write_files
from headway.app.review import Review, review
from headway.facts import EVENT_FACTS
from headway.gates.adoption import planned
from headway.gates.faults import gate_faults
from headway.gates.model import SHIPPED, OperatingModel, in_force, named_model
from headway.gates.requirement import MODES, Requirement
from headway.gates.rules.measure import Wanted
from headway.gates.verdict import Judged, State, Verdict
from headway.kernel.diagnostic import Diagnostic, Place, in_order
from headway.kernel.identity import Json, instant
from headway.portfolio import yaml
from headway.portfolio.adoption import Adoption
from headway.portfolio.insertion import Insertion, adoption
from headway.portfolio.kinds import SETTINGS_FILE
from headway.portfolio.load import Portfolio
from headway.portfolio.nodes import to_plain
from headway.portfolio.settings import OperatingModelUse
from headway.portfolio.sharing import bears_cost

SCHEMA = "headway.adopt/1"
# The model whose rows are meant where none is named: it has all of them.
_USUAL = "standard@1"
_OWN_FILE = "the initiative's file"
# Which fact answers a measure that no pilot's own source answers.
_FACTS = {
    "cost": "cost",
    "utilisation": "usage",
    "capacity": "usage",
    "waste": "usage",
    "token_bill": "usage",
    "energy": "usage",
    "unit_cost": "series",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One initiative at its gate under the model in force, and under the other."""

    before: Verdict
    after: Verdict

    def changes(self) -> Iterator[tuple[Judged | None, Judged | None]]:
        """The requirements that are new, gone, or judged or enforced otherwise."""
        old = {r.id: r for r in self.before.requirements}
        new = {r.id: r for r in self.after.requirements}
        for name in dict.fromkeys((*new, *old)):
            was, will = old.get(name), new.get(name)
            if was is None or will is None or (was.state, was.mode) != (will.state, will.mode):
                yield was, will


@dataclass(frozen=True, slots=True)
class Comparison:
    """The portfolio judged by two models over one collected evidence.

    Attributes:
        made: the review under the model in force.
        after: the other model.
        pairs: both verdicts of each initiative that stands before a gate.
        refused: why the other model cannot be had; then nothing was judged by it.
        told: what the files would newly be told under it.
        adopted: what is adopted, where that is the change.
        change: the file before and after, and the lines put in; None where nothing is to be written.
    """

    made: Review
    after: OperatingModel
    pairs: tuple[Pair, ...] = ()
    refused: tuple[Diagnostic, ...] = ()
    told: tuple[Diagnostic, ...] = ()
    adopted: tuple[Adoption, ...] = ()
    change: tuple[Rewritten, Insertion] | None = None

    def as_json(self, *, written: bool) -> dict[str, Json]:
        """The schema ``headway.adopt/1``."""
        rows = [r for pair in self.pairs for r in _rows(self, pair)]
        return {
            "schema": SCHEMA,
            "as_of": instant(self.made.as_of),
            "portfolio": self.made.portfolio.settings.portfolio,
            "written": written,
            "before": {"rules": self.made.model.rules, "mode": self.made.model.mode},
            "after": {"rules": self.after.rules, "mode": self.after.mode},
            "adopted": [] if self.refused else [_adopted(self, one) for one in self.adopted],
            "initiatives": [
                {
                    "name": p.before.initiative,
                    "gate": p.before.gate,
                    "before": p.before.state.value,
                    "after": p.after.state.value,
                    "enforced_before": p.before.enforced.value,
                    "enforced_after": p.after.enforced.value,
                }
                for p in self.pairs
            ],
            "rows": rows,
            "sources": _sources(rows),
            "change": _change(self.change),
            "refused": [diagnostic_json(d) for d in self.refused],
            "diagnostics": [diagnostic_json(d) for d in self.told],
        }


def adopt(checked: Checked, names: Sequence[str]) -> Comparison:
    """Compare the model in force with the same and some requirements adopted from today on.

    Args:
        checked: a portfolio that could be loaded.
        names: ids of requirements, each with ``MODEL:`` before it where standard@1 is not meant.

    Raises:
        ValueError: nothing could be loaded.
        HeadwayError: the store is not to be had.
    """
    portfolio = _portfolio(checked)
    start = checked.as_of.astimezone(ZoneInfo(portfolio.settings.time_zone)).date()
    new = []
    for name in names:
        model, row = _named(portfolio, name)
        new.append(planned(row, model, start) if isinstance(row, Requirement) else _bare(model, row, start))
    use = portfolio.settings.operating_model
    made = compare(checked, use.model_copy(update={"adopt": (*use.adopt, *new)}))
    made = replace(made, adopted=tuple(new))
    return made if made.refused else _with_change(made)


def under(checked: Checked, model: str) -> Comparison:
    """Compare the model in force with the portfolio's changes made to another model.

    Raises:
        ValueError: nothing could be loaded.
        HeadwayError: the store is not to be had.
    """
    use = _portfolio(checked).settings.operating_model
    return compare(checked, use.model_copy(update={"extends": model}))


def write(made: Comparison) -> bool:
    """Write the change, whole or not at all; whether there was one.

    Raises:
        OSError: the file cannot be written.
    """
    if made.change is None:
        return False
    write_files(made.made.portfolio.root, Migration(1, (made.change[0],), ()))
    return True


def compare(checked: Checked, use: OperatingModelUse) -> Comparison:
    """Judge a portfolio by its own model and by another, over evidence that is collected once.

    Raises:
        ValueError: nothing could be loaded.
        HeadwayError: the store is not to be had.
    """
    portfolio = _portfolio(checked)
    settings = portfolio.settings.model_copy(update={"operating_model": use})
    changed = replace(portfolio, settings=settings)
    after, found = in_force(changed, checked.as_of)
    refused = tuple(d for d in in_order(found) if d not in checked.diagnostics)
    made = review(checked, only=() if refused else None)
    if refused:
        return Comparison(made, after, refused=refused)
    pairs = []
    for one in made.initiatives:
        if one.basis and one.verdict:
            gate = after.gate(one.basis.gate.name)
            pairs.append(Pair(one.verdict, replace(one.basis, gate=gate).judge()))
    told = tuple(d for d in in_order(gate_faults(changed, after)) if d not in checked.diagnostics)
    return Comparison(made, after, tuple(pairs), told=told)


def _portfolio(checked: Checked) -> Portfolio:
    if checked.portfolio is None:
        message = "a portfolio that cannot be loaded has no operating model"
        raise ValueError(message)
    return checked.portfolio


def _named(portfolio: Portfolio, name: str) -> tuple[str, Requirement | str]:
    """The model and the requirement that a name means; the id alone where no model has it."""
    given, _, row = name.rpartition(":")
    for model in (given,) if given else (_USUAL, *portfolio.operating_models, *SHIPPED):
        found = named_model(portfolio, model)
        for one in found.rows if found else ():
            if one.id == row:
                return model, one
    return given or _USUAL, row


def _bare(model: str, row: str, start: date) -> Adoption:
    """An entry that names nothing: reading it back tells what is wrong with it."""
    return Adoption.model_construct(row=row, model=model, observe=start)


def _with_change(made: Comparison) -> Comparison:
    """The comparison with the change of portfolio.yaml, or refused (HW509) where none is safe."""
    portfolio = made.made.portfolio
    content = (portfolio.root / SETTINGS_FILE).read_bytes()
    document = portfolio.documents["portfolio", portfolio.settings.portfolio]
    text, entries = content.decode("utf-8-sig"), [_entry(one) for one in made.adopted]
    found = adoption(text, document.node, entries)
    after = found.into(text) if found else text
    if found is None or not _only_adopts(text, after, entries):
        what = "the entries cannot be put into this file without rewriting it"
        mend = f"write under operating_model: adopt: [{', '.join(entries)}]"
        fault = Diagnostic("HW509", what, document.node.place, mend)
        return replace(made, refused=(fault,), pairs=(), told=())
    return replace(made, change=(Rewritten(SETTINGS_FILE, text, after, ()), found))


def _only_adopts(before: str, after: str, entries: Sequence[str]) -> bool:
    """Whether a text reads as it did, but for the entries."""
    old, _ = yaml.read(before.encode(), SETTINGS_FILE)
    new, found = yaml.read(after.encode(), SETTINGS_FILE)
    added = [to_plain(n) for e in entries for n in yaml.read(e.encode(), SETTINGS_FILE)[0]]
    expected = [to_plain(n) for n in old]
    for document in expected:
        if isinstance(document, dict) and "headway" in document:
            model = document.setdefault("operating_model", {})
            held = model.get("adopt", []) if isinstance(model, dict) else []
            if isinstance(model, dict) and isinstance(held, list):
                model["adopt"] = [*added, *held]
    return not found and [to_plain(n) for n in new] == expected


def _entry(one: Adoption) -> str:
    days = {mode: getattr(one, mode) for mode in MODES}
    dated = "".join(f", {mode}: {day.isoformat()}" for mode, day in days.items() if day)
    return f"{{row: {one.row}, from: {one.model}{dated}}}"


def _adopted(made: Comparison, one: Adoption) -> dict[str, Json]:
    model = named_model(made.made.portfolio, one.model)
    row = next(r for r in model.rows if r.id == one.row) if model else None
    ceiling, place = ceiling_of(made.made.portfolio, made.after)
    days: dict[str, Json] = {m: d.isoformat() if (d := getattr(one, m)) else None for m in MODES}
    return {
        "row": one.row,
        "from": one.model,
        "gate": one.row.partition(".")[0],
        "days": days,
        "ceiling": ceiling,
        "ceiling_from": place,
        "move": row.move if row else "",
        "guidance": row.guidance if row else "",
        "good_example": row.good_example if row else "",
    }


def ceiling_of(portfolio: Portfolio, model: OperatingModel) -> tuple[str, str]:
    """The mode that no requirement exceeds, and who says so."""
    settings = portfolio.settings
    if settings.operating_model.mode:
        place = portfolio.place("portfolio", settings.portfolio, "operating_model", "mode")
        return model.mode, _said(place)
    name = settings.operating_model.extends
    while (own := portfolio.operating_models.get(name)) is not None:
        if own.mode:
            return model.mode, _said(portfolio.place("operating_model", name, "mode"))
        name = own.extends
    return model.mode, name


def _said(place: Place) -> str:
    return f"{place.file} line {place.line}"


def _rows(made: Comparison, pair: Pair) -> Iterator[dict[str, Json]]:
    by_id = {r.id: r for r in (*made.made.model.rows, *made.after.rows)}
    for was, will in pair.changes():
        shown = will or was
        if shown is None:  # pragma: no cover  (one of both is always there)
            continue
        missing = will is not None and will.state is State.MISSING
        sources = sorted(set(_from(made, pair.before.initiative, by_id[shown.id]))) if missing else []
        yield {
            "initiative": pair.before.initiative,
            "gate": pair.before.gate,
            "requirement": shown.id,
            "before": was.state.value if was else None,
            "after": will.state.value if will else None,
            "mode_before": was.mode if was else None,
            "mode_after": will.mode if will else None,
            "saw": shown.saw,
            "need": shown.need,
            "reason": shown.reason,
            "move": shown.move,
            "who": shown.who,
            "sources": list[Json](sources),
        }


def _from(made: Comparison, name: str, row: Requirement) -> Iterator[str]:
    """From where the evidence of a requirement would come."""
    for member in row.members:
        yield from _from(made, name, member)
    if row.predicate == "owner":
        yield "people.yaml"
    elif row.predicate == "guardrails":
        yield from _measured(made, name, "effect")
    elif row.predicate == "to_come":
        yield "a later version of headway"
    elif row.predicate == "measure":
        yield from _measured(made, name, Wanted.of(row.body).measure)
    elif not row.members:
        yield _OWN_FILE


def _measured(made: Comparison, name: str, measure: str) -> Iterator[str]:
    """From where a measure would have its rows; what the initiative does not declare comes first."""
    portfolio, initiative = made.made.portfolio, made.made.portfolio.initiatives[name]
    pilot = initiative.pilot
    if measure == "returns":
        if not any(e.measure == "effect" for e in made.made.collected.evidence[name]):
            yield from _measured(made, name, "effect")
        if not initiative.cost.people:
            yield from _measured(made, name, "cost")
    elif measure == "cost" and not bears_cost(portfolio, name):
        yield f"{_OWN_FILE}, under cost.select"
    elif measure in _FACTS:
        fact = _FACTS[measure]
        named = [f"source {s.source} ({fact})" for s in portfolio.sources.values() if s.fact == fact]
        yield from named or [f"a source of fact {fact}, and none is declared"]
    elif pilot and pilot.over_events:
        read = {s.source: s.fact for s in portfolio.sources.values() if s.fact in EVENT_FACTS}
        yield from [f"source {n} ({fact})" for n, fact in read.items()] or ["a source of fact exposure"]
    elif pilot and pilot.source:
        yield f"source {pilot.source} (pilot)"
    else:
        yield f"{_OWN_FILE}, under pilot.{'estimates' if pilot and pilot.design == 'published' else 'source'}"


def _sources(rows: Sequence[dict[str, Json]]) -> list[Json]:
    """What is missing, by where it would come from; what settles most first."""
    count: Counter[str] = Counter()
    who: dict[str, list[str]] = {}
    for row in rows:
        listed = row["sources"]
        for source in listed if isinstance(listed, list) else []:
            count[str(source)] += 1
            who.setdefault(str(source), []).append(str(row["initiative"]))
    return [
        {"source": s, "rows": n, "initiatives": list[Json](dict.fromkeys(who[s]))}
        for s, n in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]


def _change(change: tuple[Rewritten, Insertion] | None) -> Json:
    if change is None:
        return None
    rewritten, put = change
    return {"file": rewritten.file, "line": put.line, "diff": list[Json](rewritten.diff().splitlines())}
