"""The port every kind of source fills, and what binding shares: contract names, types, content digests."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import ibis.expr.types as ir

from headway.aggregates.engine import Bound, Engine
from headway.facts import FACTS, Fact
from headway.facts.base import Column
from headway.facts.cost import MONEY_DIGITS
from headway.kernel.errors import SourceFault
from headway.kernel.registry import load, names
from headway.portfolio.source import Source


@dataclass(slots=True)
class Context:
    """What a source may need to bind itself.

    Attributes:
        folder: the directory of the file that declares the source; its paths are relative to it.
        as_of: the moment of the review, as text: names a table that cannot say whether it changed.
        environment: variables, from which secrets come.
        store: the portfolio's store directory (digests of files are remembered there).
        engines: engines opened so far, by URL; one connection per place and review.
    """

    folder: Path
    as_of: str
    environment: dict[str, str]
    store: Path
    engines: dict[str, Engine] = field(default_factory=dict)

    def engine(self, url: str) -> Engine:
        """Open an engine once.

        Raises:
            SourceFault: HW308 no engine of that scheme; HW306 it does not answer.
        """
        if url not in self.engines:
            scheme = url.partition(":")[0]
            if scheme not in names("headway.engines"):
                known = ", ".join(names("headway.engines"))
                raise SourceFault("HW308", url, f"no engine is called '{scheme}'", f"use one of: {known}")
            make: Callable[[str], Engine] = load("headway.engines", scheme)  # type: ignore[assignment]
            self.engines[url] = make(url)
        return self.engines[url]


class SourceKind(Protocol):
    """A kind of source: one callable that binds a declaration to its table."""

    def __call__(self, declared: Source, context: Context) -> Bound:
        """Bind the source.

        Raises:
            SourceFault: it cannot be read as declared.
        """
        ...


def bind(declared: Source, context: Context) -> Bound:
    """Bind any declared source by its kind.

    Raises:
        SourceFault: HW308 for an unknown kind or fact, else whatever the kind reports.
    """
    if declared.kind not in names("headway.sources"):
        known = ", ".join(names("headway.sources"))
        raise SourceFault(
            "HW308", declared.source, f"no kind of source is called '{declared.kind}'", f"use one of: {known}"
        )
    if declared.fact not in FACTS:
        raise SourceFault(
            "HW308",
            declared.source,
            f"no fact is called '{declared.fact}'",
            f"use one of: {', '.join(FACTS)}",
        )
    kind: SourceKind = load("headway.sources", declared.kind)  # type: ignore[assignment]
    return kind(declared, context)


def under_contract(declared: Source, table: ir.Table) -> ir.Table:
    """The table with its columns under the fact's names and types.

    Raises:
        SourceFault: HW303 for a column that is not there, HW304 for one that cannot be its type.
    """
    fact: Fact = FACTS[declared.fact]
    contract = fact.contract(summed=declared.summed)
    named = dict(declared.columns)
    taken = set(named.values())
    for wanted, given in named.items():
        if given not in table.columns:
            raise _absent(declared.source, given, f"column '{wanted}'", table)
    columns: dict[str, Any] = {wanted: table[given] for wanted, given in named.items()}
    columns |= {c: table[c] for c in table.columns if c not in taken and c not in columns}
    for column in contract:
        if column.name in columns:
            columns[column.name] = _typed(declared.source, column, columns[column.name])
        elif column.required:
            raise _absent(declared.source, column.name, f"fact '{fact.name}'", table)
    if not fact.open or declared.summed:
        columns = {c.name: columns[c.name] for c in contract if c.name in columns}
    return table.select(**columns)


def _absent(source: str, column: str, needed_by: str, table: ir.Table) -> SourceFault:
    near = difflib.get_close_matches(column, table.columns, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return SourceFault(
        "HW303",
        source,
        f"no column '{column}' for {needed_by}{hint}",
        f"map it under `columns`; the source has: {', '.join(table.columns[:12])}",
    )


def _typed(source: str, column: Column, value: Any) -> Any:
    kind = value.type()
    match column.type:
        case "number" | "integer" if not (kind.is_numeric() or kind.is_boolean()):
            raise SourceFault(
                "HW304",
                source,
                f"column '{column.name}' is {kind}, not a number",
                "cast it in `sql`, or map another column",
            )
        case "decimal":
            return (
                value if kind.is_decimal() else value.cast(f"decimal({MONEY_DIGITS[0]}, {MONEY_DIGITS[1]})")
            )
        case "moment" if not kind.is_timestamp():
            return value.cast("timestamp")
        case "text" if not kind.is_string():
            return value.cast("string")
        case _:
            return value
