"""Use case ``new``: a commented skeleton of one document in the folder where such documents are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headway.app.init import SCHEMA_FILE
from headway.app.laying import lay
from headway.app.skeleton import skeleton
from headway.exchange.documents import schema_line
from headway.exchange.grid import NotATable
from headway.exchange.mapping import Looked, Proposal, look, propose
from headway.exchange.names import slug
from headway.exchange.text import comment
from headway.facts import FACTS
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import Json
from headway.portfolio.load import Portfolio
from headway.portfolio.schema import explain
from headway.sources.focus_columns import focus_version

SCHEMA = "headway.new/1"
FOLDERS = {"initiative": "initiatives", "outcome": "outcomes", "component": "components", "source": "sources"}
Said = Mapping[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class New:
    """A document that was written.

    Attributes:
        kind: of document.
        name: its name.
        file: where it stands, relative to the portfolio.
        proposal: for a table, how its columns were mapped.
    """

    kind: str
    name: str
    file: str
    proposal: Proposal | None = None

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.new/1``."""
        found = self.proposal
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "name": self.name,
            "file": self.file,
            "columns": dict(found.columns) if found else {},
            "arms": dict(found.arms) if found else {},
            "numbers": list(found.numbers) if found else [],
            "others": list(found.others) if found else [],
        }


def unknown_key(kind: str, path: tuple[str, ...]) -> str | None:
    """What is wrong with a key given to `--set`; None when the kind has it."""
    if explain(kind, list(path)) is not None:
        return None
    about = explain(kind, list(path[:-1]))
    known = ", ".join(about.keys) if about else ""
    return f"'{'.'.join(path)}' is no key of {kind}; keys here are {known or 'none'}"


def new_document(portfolio: Portfolio, kind: str, called: str, said: Said) -> New | Diagnostic:
    """Write an initiative, outcome or component.

    Args:
        portfolio: where.
        kind: of document.
        called: what people call it; its name is made of it.
        said: path to text, from `--set`.

    Raises:
        OSError: the folder cannot be written.
    """
    name = slug(called)
    title: dict[tuple[str, ...], str] = {} if ("title",) in said or called == name else {("title",): called}
    return _write(portfolio, New(kind, name, _file(kind, name)), {**title, **said}, [])


def new_source(
    portfolio: Portfolio, table: Path, fact: str, name: str | None, said: Said
) -> New | Diagnostic:
    """Write a source for a table, with its columns mapped to a fact's.

    Args:
        portfolio: where.
        table: a CSV or Parquet file.
        fact: the contract that it fills.
        name: of the source; by default that of the file.
        said: path to text; ``columns.FACT_COLUMN`` says which column of the table fills it.

    Raises:
        OSError: the folder cannot be written.
    """
    made = New("source", name or slug(table.stem) or "table", "")
    file = _file("source", made.name)
    told = {path[1]: text for path, text in said.items() if path[0] == "columns" and len(path) > 1}
    try:
        looked = look(table)
        found = propose(looked, FACTS[fact], told)
    except NotATable as fault:
        return Diagnostic(fault.code, fault.what, Place(table.name), fault.mend)
    version = focus_version(looked.columns) if fact == "cost" and not told else None
    # What a SELECT of the user's own names, it is to bring.
    lacks = [c for c in found.lacking if not re.search(rf"\b{c.name}\b", said.get(("sql",), ""))]
    if lacks:
        lacking = ", ".join(f"'{c.name}' ({c.meaning})" for c in lacks)
        columns = ", ".join(f"'{c}'" for c in (*found.others, *found.numbers)) or "none is left"
        what = f"no column was found for {lacking}; columns left: {columns}"
        mend = f"add --set columns.{lacks[0].name}=COLUMN"
        if FACTS[fact].key == (lacks[0].name,):
            mend += ", or number the rows: --set 'sql=select row_number() over () as unit_id, * from file'"
        return Diagnostic("HW126", what, Place(table.name), mend)
    path = Path(os.path.relpath(table.resolve(), (portfolio.root / file).resolve().parent)).as_posix()
    filled = {("path",): path} | (_focus(looked, version) if version else _file_of(fact, found))
    rest = {p: t for p, t in said.items() if p[0] != "columns"}
    left = [] if version else _left(found)
    return _write(portfolio, New("source", made.name, file, found), {**filled, **rest}, left)


def _focus(looked: Looked, version: str) -> dict[tuple[str, ...], str]:
    """A bill in the FOCUS format: its columns need no mapping."""
    filled: dict[tuple[str, ...], str] = {("kind",): "focus", ("version",): version}
    if any("NULL" in cells for cells in looked.columns.values()):
        filled["nullstr",] = "NULL"
    return filled


def _file_of(fact: str, found: Proposal) -> dict[tuple[str, ...], str]:
    filled: dict[tuple[str, ...], str] = {("kind",): "file", ("fact",): fact}
    mapped = ", ".join(f"{theirs}: {ours}" for theirs, ours in _flow(found.columns))
    return filled | ({("columns",): f"{{{mapped}}}"} if mapped else {})


def _flow(columns: Mapping[str, str]) -> list[tuple[str, str]]:
    from headway.exchange.documents import in_flow

    return [(theirs, in_flow(ours)) for theirs, ours in columns.items() if theirs != ours]


def _left(found: Proposal) -> list[str]:
    """What a person needs to know of a table to declare a pilot on it."""
    lines: list[str] = []
    if found.arms:
        arms = ", ".join(f"{arm} ({rows:,} rows)" for arm, rows in found.arms.items())
        lines += comment(f"Arms seen: {arms}. What was planned belongs into pilot: arms.")
    if found.numbers:
        lines += comment(f"Columns of numbers, for a metric or a covariate: {', '.join(found.numbers)}")
    if found.others:
        lines += comment(f"Other columns: {', '.join(found.others)}")
    return lines


def _file(kind: str, name: str) -> str:
    return f"{FOLDERS[kind]}/{name}.yaml"


def _write(portfolio: Portfolio, made: New, said: Said, more: list[str]) -> New | Diagnostic:
    if not made.name:
        return Diagnostic(
            "HW113", "a name needs a Latin letter or a digit", Place(made.file), "write reply-assistant"
        )
    if portfolio.declares(made.kind, made.name):
        what = f"{made.kind} '{made.name}' is declared already"
        return Diagnostic("HW120", what, portfolio.place(made.kind, made.name), "choose another name")
    if (portfolio.root / made.file).exists():
        return Diagnostic("HW120", "the file is there already", Place(made.file), "choose another name")
    head = [schema_line(f"../{SCHEMA_FILE}")] if (portfolio.root / SCHEMA_FILE).exists() else []
    body = skeleton(made.kind, made.name, said)
    (portfolio.root / made.file).parent.mkdir(exist_ok=True)
    lay((portfolio.root / made.file).parent, {Path(made.file).name: "\n".join([*head, *body, *more, ""])})
    return made
