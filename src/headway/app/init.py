"""Use case ``init``: a new portfolio from five answers, and from a list of initiatives where there is one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from headway.app.answers import Answers, Line
from headway.app.laying import in_the_way, lay
from headway.app.sample import FOLDER as SAMPLE
from headway.app.sample import INITIATIVE, sample_files
from headway.exchange.documents import initiative_file, people_lines, schema_line
from headway.exchange.grid import NotATable
from headway.exchange.intake import Intake, take_in
from headway.exchange.intake import as_json as intake_json
from headway.exchange.names import slug
from headway.exchange.persons import Directory, Named
from headway.exchange.text import entry
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import Json
from headway.portfolio.kinds import SETTINGS_FILE

SCHEMA = "headway.init/1"
SCHEMA_FILE = "headway.schema.json"
IGNORED = ".headway/"


@dataclass(frozen=True, slots=True)
class Asked:
    """A list to take in: the file, the sheet, and what the user says about columns."""

    file: Path
    sheet: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be written, and what the list gave.

    Attributes:
        files: path to text.
        me: the id of the person who asked.
        people: ids of everybody known.
        intake: what the list gave, if there was one.
    """

    portfolio: str
    files: Mapping[str, str]
    me: str
    people: tuple[str, ...]
    intake: Intake | None


def plan(answers: Answers, asked: Asked | None, day: date) -> Plan | Diagnostic:
    """Say what a new portfolio holds; nothing is written.

    Args:
        answers: the five answers.
        asked: the list, if there is one.
        day: today; the sample is dated by it.

    Returns:
        The plan, or what is wrong with the list.
    """
    directory = Directory()
    me = directory.id_of(Named(answers.name, answers.mail))
    intake = None
    if asked:
        try:
            intake = take_in(asked.file, directory, asked.told, asked.sheet, frozenset({INITIATIVE}))
        except NotATable as fault:
            return Diagnostic(fault.code, fault.what, Place(asked.file.name), fault.mend)
    portfolio = slug(answers.firm) or "portfolio"
    files = {
        SETTINGS_FILE: _settings(portfolio, answers),
        "people.yaml": _people(portfolio, directory, me),
        "sources.yaml": _SOURCES.format(schema=schema_line(SCHEMA_FILE)),
        "outcomes/lines.yaml": _lines(answers.lines),
        "initiatives/.gitkeep": "",
        ".gitignore": f"{IGNORED}\n",
        SCHEMA_FILE: _schema(),
        "README.md": _README.format(firm=answers.firm),
        **sample_files(day, answers.lines[0].name, me, answers.currency, f"../{SCHEMA_FILE}"),
    }
    if intake:
        del files["initiatives/.gitkeep"]
        for one in intake.found.entries:
            files[f"initiatives/{one.name}.yaml"] = initiative_file(one, intake.file, f"../{SCHEMA_FILE}")
    return Plan(portfolio, files, me, tuple(p.id for p in directory.people), intake)


@dataclass(frozen=True, slots=True)
class Begun:
    """A portfolio that was written."""

    folder: Path
    plan: Plan
    written: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.init/1``."""
        return {
            "schema": SCHEMA,
            "folder": str(self.folder),
            "portfolio": self.plan.portfolio,
            "written": list(self.written),
            "me": self.plan.me,
            "people": list(self.plan.people),
            "sample": SAMPLE,
            "list": intake_json(self.plan.intake) if self.plan.intake else None,
        }


def begin(folder: Path, answers: Answers, asked: Asked | None, day: date) -> Begun | tuple[Diagnostic, ...]:
    """Write a new portfolio whole, or say why not.

    Args:
        folder: where; made if it is not there.
        answers: the five answers.
        asked: the list to take in, if there is one.
        day: today; the sample is dated by it.

    Raises:
        OSError: the folder cannot be written; it is as it was.
    """
    held = in_the_way(folder, {})
    if held:
        return held
    made = plan(answers, asked, day)
    if isinstance(made, Diagnostic):
        return (made,)
    return in_the_way(folder, made.files) or Begun(folder, made, lay(folder, made.files))


def _schema() -> str:
    from headway.portfolio.schema import schema

    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _settings(portfolio: str, answers: Answers) -> str:
    return "\n".join(
        [
            schema_line(SCHEMA_FILE),
            "# An editor with a YAML language server completes and checks keys by the line above.",
            "headway: 1",
            f"portfolio: {portfolio}",
            entry("title", f"AI portfolio of {answers.firm}"),
            f"currency: {answers.currency}",
            f"time_zone: {answers.time_zone}",
            "# starter@1 asks few things; in mode observe it tells, and stops nobody.",
            "operating_model:",
            "  extends: starter@1",
            "  mode: observe",
            "",
        ]
    )


def _people(portfolio: str, directory: Directory, me: str) -> str:
    return "\n".join(
        [
            schema_line(SCHEMA_FILE),
            f"people: {portfolio}",
            "# One entry per human. `accounts` tell who acts, by git config user.email for instance.",
            "persons:",
            *people_lines(directory.people),
            "# A seat is a duty that outlives its holder; initiatives may name it instead of a person.",
            "# seats:",
            f"#   - {{id: head-of-claims, holder: {me}}}",
            "# Whoever is asked for the word of finance, legal, it, hr or compliance:",
            "# functions:",
            f"#   finance: {{lead: {me}}}",
            "",
        ]
    )


def _lines(lines: Sequence[Line]) -> str:
    parts = [
        f"outcome: {one.name}\n{entry('title', one.title)}\nline: {one.kind}\n# cashable: yes\n# owner: ...\n"
        for one in lines
    ]
    head = f"{schema_line(f'../{SCHEMA_FILE}')}\n# Lines of the P&L, to which every outcome leads.\n"
    return head + "---\n".join(parts)


_SOURCES = """\
{schema}
# Tables that headway may read, one document each: an experiment table (fact: unit), a bill (fact: cost),
# meters (fact: usage). `headway new source FILE.csv --fact unit` proposes the mapping.
"""
_README = """\
# {firm}: AI portfolio

Kept by headway: these files say what was promised, headway says what was shown.

    headway check              are the files right
    headway review             effects, money, verdicts, and whose move it is
    headway new outcome NAME   what should become better, and how it leads to money
    headway new initiative NAME
    headway new source data/experiment.csv --fact unit

`sample/` holds a made-up pilot. Delete the folder once it has shown you what a review looks like.
"""
