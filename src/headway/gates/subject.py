"""What a gate may know of an initiative besides its evidence: what was declared, as plain pinned data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from headway.facts.act import Act
from headway.kernel.diagnostic import Diagnostic, Severity
from headway.kernel.identity import Json
from headway.portfolio.driver_tree import paths_to_lines
from headway.portfolio.load import Portfolio

# What is expanded in a predicate, and nothing else: a path into the initiative's document.
_PATH = re.compile(r"^\{(initiative(?:\.[A-Za-z0-9_-]+)+)\}$")
# Roles that an initiative names itself; any other move is a function or seat of the organisation.
_OWN = {
    "accountable": "accountable",
    "sponsor": "sponsor",
    "finance": "finance_partner",
    "risk manager": "risk_manager",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """An initiative as a gate sees it: plain data, so that a decision can pin and replay it.

    Attributes:
        name: the initiative.
        stage: the stage it claims.
        document: its document and its outcome's, as written.
        facts: what follows from the files around it: people behind roles, findings, paths to money.
    """

    name: str
    stage: str
    document: Mapping[str, Json]
    facts: Mapping[str, Json]

    def value(self, path: str) -> Json:
        """The text at a dotted path such as ``initiative.pilot.objective.change``.

        Raises:
            KeyError: the document has no such path.
        """
        here: Any = self.document
        for part in path.split("."):
            if not isinstance(here, Mapping) or part not in here:
                raise KeyError(path)
            here = here[part]
        found: Json = here
        return found

    def who(self, move: str) -> str:
        """The person or seat behind a role; the accountable person where nobody fills it."""
        people: Any = self.facts["people"]
        named = (people.get(move) or people.get(move.lower()), people.get("accountable"))
        return str(next((n for n in named if n), "nobody yet"))

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "name": self.name,
            "stage": self.stage,
            "document": dict(self.document),
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Subject:
        """Read a subject back."""
        return cls(data["name"], data["stage"], data["document"], data["facts"])


def path_of(text: str) -> str | None:
    """The path that a text stands for.

    >>> path_of("{initiative.pilot.objective.change}"), path_of("0.9")
    ('initiative.pilot.objective.change', None)
    """
    found = _PATH.match(text.strip())
    return found[1] if found else None


def subject_of(
    portfolio: Portfolio,
    name: str,
    findings: Iterable[Diagnostic],
    as_of: datetime,
    promotion: Json = None,
    acts: Iterable[Act] = (),
) -> Subject:
    """Build the subject of an initiative from the files.

    Args:
        portfolio: what was declared.
        name: the initiative.
        findings: of `headway check`; those about this initiative become facts.
        as_of: the moment judged: whether a person has left depends on it.
        promotion: where it stands in the promotion budget of the year, frozen e-values included.
        acts: what the ledger says: whether the pilot's design is registered depends on it.
    """
    initiative = portfolio.initiatives[name]
    document: dict[str, Json] = {"initiative": _plain(portfolio, "initiative", name)}
    if initiative.outcome in portfolio.outcomes:
        document["outcome"] = _plain(portfolio, "outcome", initiative.outcome)
    mine = [d for d in findings if _about(portfolio, name, d)]
    paths: list[Json] = [
        {"line": p.line, "edges": len(p.edges), "grade": p.grade.value}
        for p in paths_to_lines(portfolio, initiative.outcome)
    ]
    metric = (
        portfolio.outcomes[initiative.outcome].metric if initiative.outcome in portfolio.outcomes else None
    )
    facts: dict[str, Json] = {
        "people": _people(portfolio, name),
        "left": _left(portfolio, initiative.accountable, as_of),
        "findings": {d.code: d.what for d in reversed(mine) if d.level is not Severity.NOTE},
        "paths": paths,
        "better": metric.better if metric else "higher",
    }
    if promotion is not None:
        facts["promotion"] = promotion
    # Imported when an initiative is judged: `headway check` need not wait for numpy.
    from headway.measures.value.effect.registration import Registrations

    registered = Registrations.known(portfolio, name, acts, as_of)
    if registered:
        facts["registration"] = registered.as_fact()
    return Subject(name, initiative.stage, document, facts)


def by_initiative(portfolio: Portfolio, findings: Iterable[Diagnostic]) -> dict[str, list[Diagnostic]]:
    """The findings that may be about each initiative: those that name it, and those in its file."""
    homes: dict[str, list[str]] = {}
    for name in portfolio.initiatives:
        homes.setdefault(portfolio.documents["initiative", name].file, []).append(name)
    found: dict[str, list[Diagnostic]] = {}
    for one in findings:
        for name in homes.get(one.place.file, ()) if one.subject is None else (one.subject,):
            found.setdefault(name, []).append(one)
    return found


def _about(portfolio: Portfolio, name: str, finding: Diagnostic) -> bool:
    """Whether a finding names the initiative, or stands in its document: a file may hold several."""
    if finding.subject is not None:
        return finding.subject == name
    mine = portfolio.documents["initiative", name]
    if finding.place.file != mine.file:
        return False
    starts = [d.node.place for d in portfolio.documents.values() if d.file == mine.file]
    return max((s for s in starts if s <= finding.place), default=None) == mine.node.place


def _plain(portfolio: Portfolio, kind: str, name: str) -> dict[str, Json]:
    return dict(portfolio.documents[kind, name].plain)


def _people(portfolio: Portfolio, name: str) -> dict[str, Json]:
    initiative = portfolio.initiatives[name]
    found: dict[str, Json] = {
        role: getattr(initiative, field) for role, field in _OWN.items() if getattr(initiative, field)
    }
    found |= {f"{role}.person": portfolio.people.holder(str(seat)) for role, seat in list(found.items())}
    found |= {
        function: lead.lead for function, lead in portfolio.people.functions.items() if function not in found
    }
    return found


def _left(portfolio: Portfolio, accountable: str, as_of: datetime) -> bool:
    holder = portfolio.people.holder(accountable)
    person = portfolio.people.person(holder) if holder else None
    day = as_of.astimezone(ZoneInfo(portfolio.settings.time_zone)).date()
    return person is not None and person.left(day)
