"""Names of the portfolio: an initiative, an outcome, a source, a component, a person or seat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headway.app.explain_evidence import address_of
from headway.app.explanation import Candidate, Explanation, Rows, facts
from headway.portfolio.driver_tree import paths_to_lines
from headway.render import figures

if TYPE_CHECKING:
    from headway.app.review import Review
    from headway.portfolio.load import Portfolio

KINDS = ("initiative", "outcome", "source", "component")


def names(portfolio: Portfolio) -> Iterator[tuple[str, str, str]]:
    """Kind, name and title of everything that is declared."""
    for kind in KINDS:
        for name in portfolio.names(kind):
            title = str(portfolio.documents[kind, name].plain.get("title", "")) or kind
            yield kind, name, title
    for name in sorted(portfolio.people.names()):
        yield "person", name, "a person or seat"


def candidates(portfolio: Portfolio, name: str) -> list[Candidate]:
    """What a name is declared as."""
    return [Candidate(f"{kind} {n}", f"{kind}: {t}") for kind, n, t in names(portfolio) if n == name]


def initiative(made: Review, name: str) -> Explanation | None:
    """Where an initiative stands, who answers for it, its way to the P&L, and what is missing."""
    record: Any = made.as_json()
    row = next((i for i in record["initiatives"] if i["name"] == name), None)
    if row is None:
        return None
    named = facts(
        [
            ("problem", row["problem"]),
            ("stands", f"{row['stage']}, {row['status']}"),
            (
                "next gate",
                f"{row['gate']}: {row['verdict']} ({row['enforced']} in what blocks)" if row["gate"] else "",
            ),
            ("answers for it", _who(record, row["accountable"])),
            ("sponsor", _who(record, row["sponsor"])),
            ("moves the outcome", f"{row['outcome']}: {row['outcome_title']}"),
            ("way to the P&L", "; ".join(_ways(made.portfolio, row["outcome"]))),
            ("decided last", _decided(row["decision"])),
            ("declared at", str(made.portfolio.place("initiative", name))),
        ]
    )
    evidence = made.collected.evidence[name]
    numbers = tuple(
        (address_of(e), figures.number(e_json), e.estimate.grade.value) for e, e_json in _with(evidence)
    )
    open_ = tuple(
        (r["id"], r["state"], r["saw"], r["who"])
        for r in row["requirements"]
        if r["state"] not in ("met", "waived")
    )
    missing = tuple((m["measure"], m["why"], m["mend"]) for m in row["missing"])
    return Explanation(
        "initiative",
        name,
        row["title"],
        facts=named,
        tables=(
            Rows("open at its gate", ("requirement", "state", "saw", "who"), open_),
            Rows("numbers; ask for one by its address", ("address", "value", "grade"), numbers),
            Rows("what is missing", ("measure", "why", "what settles it"), missing),
        ),
        see=(f"headway gate {name}", f"headway review --initiative {name}"),
    )


def outcome(made: Review, name: str) -> Explanation | None:
    """What an outcome is, where it stands, who moves it and where it leads."""
    record: Any = made.as_json()
    row = next((o for o in record["outcomes"] if o["name"] == name), None)
    if row is None:
        return None
    base, target, latest = row["baseline"] or {}, row["target"] or {}, row["latest_effect"]
    unit = row["metric"]["unit"] if row["metric"] else ""
    lacks = [k for k in ("metric", "baseline", "target", "owner") if not row[k]] if not row["line"] else []
    named = facts(
        [
            ("statement", row["statement"]),
            ("customer", row["customer"]),
            ("P&L line", row["line"]),
            (
                "metric",
                f"{row['metric']['name']}, in {unit}; {row['metric']['better']} is better"
                if row["metric"]
                else "",
            ),
            ("stood at", figures.declared(base["value"], unit) if base.get("value") is not None else ""),
            (
                "shall stand at",
                f"{figures.declared(target['value'], unit)} by {target['by']}" if target else "",
            ),
            ("answers for it", _who(record, row["owner"])),
            ("way to the P&L", "; ".join(_ways(made.portfolio, name)) if not row["line"] else "it is a line"),
            ("moved by", ", ".join(row["initiatives"])),
            ("latest effect", _latest(latest)),
            ("missing", ", ".join(lacks)),
            ("declared at", str(made.portfolio.place("outcome", name))),
        ]
    )
    see = tuple(f"headway explain {n}" for n in row["initiatives"][:3])
    return Explanation("outcome", name, row["title"], facts=named, see=see)


def other(portfolio: Portfolio, kind: str, name: str) -> Explanation | None:
    """A source, a component, or a person or seat: as declared, and who uses it."""
    if kind == "person":
        return _person(portfolio, name)
    document = portfolio.documents.get((kind, name))
    if document is None:
        return None
    plain = [(k, _short(v)) for k, v in document.plain.items() if k not in (kind, "title")]
    used = _users(portfolio, kind, name)
    named = facts([*plain, ("used by", ", ".join(used)), ("declared at", str(document.node.place))])
    see = ("headway doctor",) if kind == "source" else ()
    return Explanation(kind, name, str(document.plain.get("title", "")) or f"a {kind}", facts=named, see=see)


def _person(portfolio: Portfolio, name: str) -> Explanation | None:
    people = portfolio.people
    if name not in people.names():
        return None
    holder = people.holder(name)
    person = people.person(holder) if holder else None
    answers = [
        n
        for n, i in portfolio.initiatives.items()
        if name == i.accountable or people.holder(i.accountable) == holder
    ]
    named = facts(
        [
            ("held by", (person.name or person.id) if person else "nobody"),
            ("answers for", ", ".join(answers)),
        ]
    )
    return Explanation("person", name, "a person or seat", facts=named)


def _users(portfolio: Portfolio, kind: str, name: str) -> list[str]:
    every = portfolio.initiatives.items()
    if kind == "component":
        return [n for n, i in every if name in i.uses]
    metered = [n for n, c in portfolio.components.items() if c.usage == name]
    return [n for n, i in every if i.pilot and i.pilot.source == name] + metered


def _ways(portfolio: Portfolio, outcome: str) -> list[str]:
    """Each way to a line of the P&L with its grade, the best first."""
    found = paths_to_lines(portfolio, outcome)
    ways = [
        f"{' → '.join([*(e.outcome for e in p.edges), p.line])} (grade {p.grade.value})"
        for p in found
        if p.edges
    ]
    return ways or ["none: the outcome reaches no P&L line"]


def _with(evidence: Any) -> Iterator[tuple[Any, Any]]:
    from headway.kernel.identity import plain

    for one in evidence:
        yield one, plain(one.estimate.as_json())


def _who(record: Any, name: str | None) -> str:
    if not name:
        return ""
    known = record["people"].get(name)
    return f"{known['name']} ({name})" if known and known["name"] and known["name"] != name else name


def _decided(decision: Any) -> str:
    return f"{decision.get('kind', '')} by {decision.get('actor', '')}" if decision else "nothing yet"


def _latest(effect: Any) -> str:
    if not effect:
        return "none measured"
    moved = figures.change(effect["value"], effect["unit"])
    return f"{moved} by {effect['initiative']}, grade {effect['grade']}"


def _short(value: Any) -> str:
    from headway.kernel.errors import scrub

    text = (
        value
        if isinstance(value, str)
        else ", ".join(f"{k}: {v}" for k, v in value.items())
        if isinstance(value, dict)
        else str(value)
    )
    return scrub(" ".join(text.split()))
