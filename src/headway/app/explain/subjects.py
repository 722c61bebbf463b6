"""What a portfolio names: initiatives, outcomes, sources, components, and the people who answer for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from headway.app.explain.evidence import SHOWN, address
from headway.app.explain.explanation import Explanation, facts, listed, sentence
from headway.app.explain.place import Here
from headway.portfolio.driver_tree import paths_to_lines
from headway.render import figures
from headway.render.base import best_standing
from headway.render.glossary import STANDINGS, mark

_OPEN = ("missed", "missing", "inconclusive")


def find(here: Here, word: str) -> tuple[Explanation, ...]:
    """Whatever of the portfolio bears the name; a kind may stand in front of it."""
    kind, _, rest = word.partition(" ")
    makers: dict[str, Callable[[Here, str], Explanation | None]] = {
        "initiative": _initiative,
        "outcome": _outcome,
        "source": _source,
        "component": _component,
        "person": _person,
    }
    if kind in makers and rest:
        made = makers[kind](here, rest)
        return (made,) if made else ()
    return tuple(one for make in makers.values() if (one := make(here, word)))


def _initiative(here: Here, name: str) -> Explanation | None:
    if name not in here.portfolio.initiatives:
        return None
    one = here.portfolio.initiatives[name]
    told = next(i for i in here.record["initiatives"] if i["name"] == name)
    rows = [f"{mark(r['state'])} {r['id']}: {r['saw']}{_whose(here, r)}" for r in told["requirements"]]
    evidence = [
        f"{address(e)}: {figures.number(e['estimate'])}, grade {e['grade']}, {e['id'][:SHOWN]}"
        for e in told["evidence"]
    ]
    # What no requirement asks for is not told as lacking.
    lacking = [f"{m['measure']}: {m['why']}; mend: {m['mend']}" for m in told["missing"] if m["would_settle"]]
    gate = f"{told['gate']}: {mark(told['verdict'])}" if told["gate"] else "none: retired or rejected"
    return Explanation(
        "initiative",
        f"initiative {name}",
        f"{name}: {one.title or 'an initiative'}",
        sentence(one.problem),
        facts(
            stands=f"stage {one.stage}, {one.status}; {STANDINGS[best_standing(told)]}",
            next_gate=gate,
            outcome=one.outcome,
            to_the_money="; ".join(_ways(here, one.outcome)) or "no path to a P&L line is declared",
            answers=here.who(one.accountable) if one.accountable else "nobody is named",
            sponsor=here.who(one.sponsor) if one.sponsor else "nobody is named",
            written=here.said("initiative", name),
        ),
        (
            *listed("What its gate asks", rows),
            *listed("Evidence", evidence),
            *listed("What is missing, and would settle a requirement", lacking),
        ),
        tuple(map(address, told["evidence"][:2])),
    )


def _whose(here: Here, row: dict[str, str]) -> str:
    return f"; {here.who(row['who'])}" if row["state"] in _OPEN else ""


def _ways(here: Here, outcome: str) -> Iterator[str]:
    for path in paths_to_lines(here.portfolio, outcome)[:3]:
        steps = " → ".join((*(e.outcome for e in path.edges), path.line))
        yield f"{steps} (grade {path.grade})"


def _outcome(here: Here, name: str) -> Explanation | None:
    if name not in here.portfolio.outcomes:
        return None
    one = here.portfolio.outcomes[name]
    by = [i.initiative for i in here.portfolio.initiatives.values() if i.outcome == name]
    told = next(o for o in here.record["outcomes"] if o["name"] == name)
    latest = told["latest_effect"]
    base, target, unit = one.baseline, one.target, one.metric.unit if one.metric else ""
    return Explanation(
        "outcome",
        f"outcome {name}",
        f"{name}: {one.title or 'an outcome'}",
        sentence(one.statement),
        facts(
            line=f"it is a {one.line} line of the P&L" if one.line else "",
            metric=f"{one.metric.name} in {unit}, {one.metric.better} is better" if one.metric else "",
            baseline=figures.declared(base.value, unit) if base and base.value is not None else "",
            target=f"{figures.declared(target.value, unit)} by {target.by}" if target else "",
            latest_effect=f"{latest['initiative']}/effect/{latest['metric']}, grade {latest['grade']}"
            if latest
            else "",
            to_the_money=""
            if one.line
            else "; ".join(_ways(here, name)) or "no path to a P&L line is declared",
            answers=here.who(one.owner) if one.owner else "nobody is named",
            written=here.said("outcome", name),
        ),
        listed("Initiatives that are for it", by),
        (*(f"initiative {n}" for n in by[:2]), *(f"outcome {d.to}" for d in one.drives[:2])),
    )


def _source(here: Here, name: str) -> Explanation | None:
    if name not in here.portfolio.sources:
        return None
    one = here.portfolio.sources[name]
    reads = [r for r in here.review.collected.reads if r.source == name]
    serves = list(dict.fromkeys(s for r in reads for s in r.serves))
    faults = [d for d in here.review.collected.diagnostics if d.subject == name]
    return Explanation(
        "source",
        f"source {name}",
        f"{name}: {one.title or 'a source'}",
        f"It fills the fact {one.fact}.",
        facts(
            kind=one.kind,
            reads=one.path or one.table or "",
            citation=one.citation,
            licence=one.licence,
            written=here.said("source", name),
            fault="; ".join(f"{d.code} {d.what}; mend: {d.mend}" for d in faults),
        ),
        listed("What rests on it", serves),
        (f"fact {one.fact}", f"source kind {one.kind}"),
    )


def _component(here: Here, name: str) -> Explanation | None:
    if name not in here.portfolio.components:
        return None
    by = [i.initiative for i in here.portfolio.initiatives.values() if name in i.uses]
    where = facts(written=here.said("component", name))
    return Explanation(
        "component",
        f"component {name}",
        f"{name}: a component",
        "",
        where,
        listed("Used by", by),
        ("component",),
    )


def _person(here: Here, name: str) -> Explanation | None:
    people = here.portfolio.people
    meant = name if people.knows(name) else _by_name(here, name)
    if meant is None:
        return None
    holder = people.holder(meant)
    same = {n for n in people.names() if holder and people.holder(n) == holder} | {meant}
    answers = [
        f"{i.initiative}: {', '.join(roles)}"
        for i in here.portfolio.initiatives.values()
        if (roles := [r for r in ("accountable", "sponsor") if getattr(i, r) in same])
    ]
    owns = [n for n, o in here.portfolio.outcomes.items() if o.owner in same]
    return Explanation(
        "person",
        f"person {meant}",
        here.who(meant),
        "",
        facts(
            held_by=holder if holder != meant and holder else "",
            also=", ".join(sorted(same - {meant, str(holder)})),
        ),
        (
            *listed("What waits for them", list(_waiting(here, same)) or ["nothing"]),
            *listed("Answers for", answers),
            *listed("Owns the outcome", owns),
        ),
        tuple(dict.fromkeys(f"initiative {a.partition(':')[0]}" for a in answers[:3])),
    )


def _by_name(here: Here, name: str) -> str | None:
    asked = name.casefold()
    return next((p.id for p in here.portfolio.people.persons if p.name.casefold() == asked), None)


def _waiting(here: Here, names: set[str]) -> Iterator[str]:
    asked: dict[tuple[str, str], list[str]] = {}
    for move in here.record["moves"]:
        if move["who"] in names:
            yield f"a next move of the portfolio: {move['what']} ({', '.join(move['settles'])})"
    for one in here.record["initiatives"]:
        for row in one["requirements"]:
            if row["who"] in names and row["state"] in _OPEN:
                key = (f"{mark(row['state'])} {row['id']}", row["guidance"])
                asked.setdefault(key, []).append(one["name"])
    for (name, guidance), initiatives in asked.items():
        yield f"{name}: {guidance} ({', '.join(initiatives)})"
