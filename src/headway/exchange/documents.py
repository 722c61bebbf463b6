"""Initiatives and people as the files a person would have written, comments and all."""

from __future__ import annotations

from collections.abc import Sequence

from headway.exchange.entries import Taken
from headway.exchange.persons import Known
from headway.exchange.text import comment, entry, quoted, scalar

_ORDER = (
    "title", "problem", "customer", "accountable", "sponsor", "finance_partner", "risk_manager", "stage",
    "stage_claimed", "status", "class", "risk", "cost_of_delay", "links", "notes",
)  # fmt: skip
# What to write where a gap is, as a person would.
_MEANS = {
    "title": "one line for people",
    "problem": "who is hurt, what they lose, and by what measure; not the tool",
    "outcome": "the outcome it moves: `headway new outcome NAME`",
    "accountable": "the one person or seat that answers for it",
    "sponsor": "who pays; another human than the accountable",
    "finance_partner": "who attests the money",
    "risk_manager": "who holds the second key",
    "stage": "proposed, framed, piloting, scaling, operating or retired",
    "status": "active, on-hold or rejected",
    "risk": "{eu_ai_act: high, limited or minimal, reason: ...}",
    "budget": "goes into pilot: {budget: 80000 EUR}",
    "cost_of_delay": "4000 EUR per week",
}


def initiative_file(made: Taken, origin: str, schema: str) -> str:
    """One initiative as a file.

    Args:
        made: what is known of it.
        origin: the list it comes from.
        schema: where the editor's schema lies, relative to the file.
    """
    lines = [schema_line(schema), *comment(f"From {origin}, row {made.row}."), f"initiative: {made.name}"]
    lines += [_line(k, made.keys[k], made.beside.get(k, "")) for k in _ORDER if k in made.keys]
    if made.gaps:
        lines += ["", "# Not known yet; the key is absent until somebody answers:"]
        for gap, why in made.gaps.items():
            said = f" ({why})" if why else ""
            lines += comment(f"{gap}: {_MEANS[gap]}{said}", "  ")
    if made.kept:
        lines += ["", "# Also in the list:"]
        for header, text in made.kept.items():
            lines += comment(f"{header}: {text}", "  ")
    return "\n".join(lines) + "\n"


def schema_line(path: str) -> str:
    """The comment by which an editor finds the schema, and completes and checks keys."""
    return f"# yaml-language-server: $schema={path}"


def _line(key: str, text: str, beside: str) -> str:
    if key == "risk":
        reason = quoted(beside or "as the list says")
        return f"risk: {{eu_ai_act: {text}, reason: {reason}}}"
    if key == "links":
        return "links:\n" + "\n".join(f"  - {scalar(link)}" for link in text.split())
    made = entry(key, text)
    if beside and "\n" not in made:
        return f"{made}  {next(comment(' '.join(beside.split())[:100]))}"
    return made


def people_lines(people: Sequence[Known]) -> list[str]:
    """The entries of `persons`, one a line."""
    lines = []
    for person in people:
        parts = [f"id: {person.id}"]
        parts += [f"name: {in_flow(person.name)}"] if person.name else []
        parts += [f"accounts: [{', '.join(map(in_flow, person.mails))}]"] if person.mails else []
        parts += [f"unit: {in_flow(person.units[0])}"] if len(person.units) == 1 else []
        lines.append(f"  - {{{', '.join(parts)}}}")
    return lines


def in_flow(text: str) -> str:
    """A text inside braces, where a comma would end it."""
    made = scalar(text)
    return quoted(text) if "," in made and not made.startswith('"') else made
