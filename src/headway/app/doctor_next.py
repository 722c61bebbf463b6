"""What to bind next: the source that settles most of what is missing, as the YAML to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.app.check import Checked
from headway.app.decided import Decisions
from headway.app.review import Review, review
from headway.facts import EVENT_FACTS, FACTS, PAST_ESTIMATE
from headway.kernel.errors import HeadwayError
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.portfolio.sharing import bears_cost
from headway.sources.propose import Proposal, propose

# Columns of a bill that may say whose a row is, where it bears no tags.
_KEYS = ("SubAccountId", "ResourceId", "ServiceName", "BillingAccountId")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/.")
# Words that YAML, or a reader of it, may take for something else.
_SPOKEN = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to write, and into which file."""

    file: str
    yaml: str

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {"file": self.file, "yaml": self.yaml}


@dataclass(frozen=True, slots=True)
class Next:
    """One source to bind.

    Attributes:
        by: the source in plain words.
        why: what it would settle.
        fact: the fact it fills.
        initiatives: whom it would help.
        requirements: the open rows it would settle.
        lines: the document of the source, then the lines that use it.
        lacks: required columns that the file looked at does not have.
    """

    by: str
    why: str
    fact: str
    initiatives: tuple[str, ...]
    requirements: tuple[str, ...]
    lines: tuple[Lines, ...]
    lacks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "by": self.by,
            "why": self.why,
            "fact": self.fact,
            "initiatives": list(self.initiatives),
            "requirements": list(self.requirements),
            "lines": [one.as_json() for one in self.lines],
            "lacks": list(self.lacks),
        }


def next_source(checked: Checked, store: Path) -> Next | None:
    """The source that would settle most of what is missing; None where none would.

    Args:
        checked: the portfolio.
        store: where digests and sums are kept.
    """
    made = _review(checked, store)
    gap = _gap(made) if made else None
    if made is None or gap is None:
        return None
    fact, names = str(gap["fact"]), [str(n) for n in gap["initiatives"]]
    source = _free(made.portfolio, "bill" if fact == "cost" else f"{names[0]}-{_WORDS[fact]}")
    existing = [n for n, s in made.portfolio.sources.items() if s.fact == fact == "cost"]
    lines = [] if existing else [Lines("sources.yaml", document(source, fact, f"data/{source}.csv"))]
    lines += _uses(made.portfolio, fact, existing[0] if existing else source, names, None)
    rows = tuple(str(r["id"]) for r in gap["requirements"])
    why = f"it would settle {', '.join(rows)} of {', '.join(names)}"
    return Next(str(gap["settled_by"]), why, fact, tuple(names), rows, tuple(lines))


_WORDS = {"unit": "pilot", "usage": "usage", "cost": "bill"}


def _review(checked: Checked, store: Path) -> Review | None:
    if checked.portfolio is None or checked.model is None or not checked.portfolio.initiatives:
        return None
    try:
        return review(checked, store=store, recorded=Decisions())
    except HeadwayError:
        return None


def _gap(made: Review) -> Mapping[str, Any] | None:
    """The first gap, in the review's own order, that a new table or a key into a bill would close."""
    record: Any = made.as_json()
    for gap in record["gaps"]:
        bindable = {"pilot": "unit", "uses": "usage", "cost": "cost", "cost.select": "cost"}
        by_key = any(bindable.get(k) == gap["fact"] for k in gap["keys"])
        bill = gap["fact"] == "cost" and not gap["keys"]
        if gap["source"] is None and (by_key or bill):
            found: Mapping[str, Any] = gap
            return found
    return None


def for_file(checked: Checked | None, file: Path) -> Next:
    """How a file would be bound, and what would use it.

    Args:
        checked: the portfolio it is for; None outside one.
        file: the file.

    Raises:
        SourceFault: it cannot be looked at.
    """
    found = propose(file)
    portfolio = checked.portfolio if checked else None
    name = _free(portfolio, _name(file.stem))
    sql = _sql(found, portfolio)
    text = document(name, found.fact, _beside(file, portfolio), found, sql)
    names = _without(portfolio, found.fact) if portfolio else []
    lines = [Lines("sources.yaml", text)]
    if portfolio:
        lines += _uses(portfolio, found.fact, name, names[:1] if found.fact == "unit" else names, found)
    lacks = tuple(c for c in found.lacks if not (c == "BillingCurrency" and sql))
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    why = f"{rows}; its columns come nearest to the fact {found.fact}: {FACTS[found.fact].meaning}"
    return Next(f"the file {file.name}", why, found.fact, tuple(names), (), tuple(lines), lacks)


def document(name: str, fact: str, path: str, found: Proposal | None = None, sql: str = "") -> str:
    """A source's document.

    >>> print(document("bill", "cost", "data/bill.csv"))
    source: bill
    kind: file
    path: data/bill.csv
    fact: cost
    # columns it must have: BilledCost, BillingCurrency, ChargePeriodStart
    """
    if found and found.version:
        null = [f'nullstr: "{found.nullstr}"'] if found.nullstr else []
        return "\n".join(
            [f"source: {name}", "kind: focus", f"path: {_scalar(path)}", f'version: "{found.version}"', *null]
        )
    lines = [f"source: {name}", "kind: file", f"path: {_scalar(path)}", f"fact: {fact}"]
    if found is None:
        required = ", ".join(c.name for c in FACTS[fact].columns if c.required)
        return "\n".join([*lines, f"# columns it must have: {required}"])
    if sql:
        lines.append(f"sql: {sql}")
    if found.columns:
        mapped = ", ".join(f"{wanted}: {_scalar(given)}" for wanted, given in found.columns.items())
        lines.append(f"columns: {{{mapped}}}")
    if found.fact == "unit" and found.more:
        lines.append(f"# metrics and covariates it has: {', '.join(map(_told, found.more))}")
    return "\n".join(lines)


def _sql(found: Proposal, portfolio: Portfolio | None) -> str:
    """A bill in one currency often does not say which: then it is the portfolio's."""
    if found.fact != "cost" or "BillingCurrency" not in found.lacks or portfolio is None:
        return ""
    return f"""select *, '{portfolio.settings.currency}' as "BillingCurrency" from file"""  # noqa: S608  the currency is three letters


def _uses(
    portfolio: Portfolio, fact: str, source: str, names: Sequence[str], found: Proposal | None
) -> list[Lines]:
    """The lines that make initiatives or components use a source."""
    if fact == "usage":
        used = dict.fromkeys(
            c for n in names for c in portfolio.initiatives[n].uses if c in portfolio.components
        )
        return [Lines(portfolio.place("component", c).file, f"usage: {source}") for c in used]
    made = []
    for name in names:
        one = portfolio.initiatives[name]
        file = portfolio.place("initiative", name).file
        if fact == "unit":
            made.append(Lines(file, _pilot(portfolio, one, source, found)))
        elif not bears_cost(portfolio, name):
            select = f"select: [{_key(name, found)}]"
            bare = "cost" not in portfolio.documents["initiative", name].plain
            made.append(
                Lines(file, f"cost: {{{select}}}" if bare else f"# under the cost: that is there\n  {select}")
            )
    return made


def _key(name: str, found: Proposal | None) -> str:
    """What in the bill says whose a row is: a tag, or a column where the file looked at has no tags."""
    has = set(found.seen) if found else {"Tags"}
    column = next((c for c in _KEYS if c in has), None)
    return (
        f"{{column: {{{column}: {name}}}}}"
        if "Tags" not in has and column
        else f"{{tag: {{application: {name}}}}}"
    )


def _pilot(portfolio: Portfolio, one: Initiative, source: str, found: Proposal | None) -> str:
    if one.pilot is not None:
        return f"# under the pilot: that is there\n  source: {source}"
    outcome = portfolio.outcomes.get(one.outcome)
    metric = outcome.metric if outcome else None
    own = found.more[0] if found and found.more else "metric"
    named = metric.name if metric and (found is None or metric.name in found.more) else own
    sign = "-" if metric and metric.better == "lower" else ""
    arms = found.arms if found and len(found.arms) > 1 else ("control", "treated")
    shares = ", ".join(f"{_scalar(a)}: {100 / len(arms):.4g} %" for a in arms)
    clustered = found is not None and "cluster" in found.columns
    return "\n".join(
        [
            "pilot:",
            f"  design: {'clusters' if clustered else 'randomised'}",
            f"  source: {source}",
            f"  arms: {{{shares}}}    # the control first",
            "  unit: unit    # what one row is: claim, call, customer",
            *(["  cluster: cluster"] if clustered else []),
            f"  metric: {_scalar(named)}",
            f'  objective: {{change: "{sign}5 %", scale: relative}}    # what was promised',
        ]
    )


def _without(portfolio: Portfolio, fact: str) -> list[str]:
    """The initiatives that a source of a fact could serve, those that lack it."""
    every = [(n, i) for n, i in portfolio.initiatives.items() if i.live]
    if fact == "unit":
        return [
            n for n, i in every if i.pilot is None or not (i.pilot.source or i.pilot.design == "published")
        ]
    if fact == "cost":
        return [n for n, _ in every if not bears_cost(portfolio, n)]
    if fact in (*EVENT_FACTS, PAST_ESTIMATE.name):
        return []
    bare = {n for n, c in portfolio.components.items() if not c.usage}
    return [n for n, i in every if bare & set(i.uses)]


def _beside(file: Path, portfolio: Portfolio | None) -> str:
    """The file's path as a document at the top of the portfolio would name it."""
    root = portfolio.root.resolve() if portfolio else Path.cwd()
    whole = file.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def _name(stem: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in stem.lower()).split()
    made = "-".join(words).lstrip("0123456789-")
    return made or "source"


def _free(portfolio: Portfolio | None, name: str) -> str:
    """A name that no source has yet."""
    taken = portfolio.names("source") if portfolio else ()
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def _scalar(text: str) -> str:
    """A text as YAML, in quotes where it could be taken for something else."""
    plain = text and set(text) <= _PLAIN and text[0].isalpha() and text.lower() not in _SPOKEN
    if plain:
        return text
    return (
        '"'
        + "".join(c if c.isprintable() else " " for c in text.replace("\\", "\\\\").replace('"', '\\"'))
        + '"'
    )


def _told(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
