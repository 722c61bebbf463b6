"""The port every kind of source fills, and what binding shares: contract names, types, content digests."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from headway.aggregates.engine import PART, Bound, Engine
from headway.aggregates.memory import Memory
from headway.facts import FACTS, Fact
from headway.facts.base import Column
from headway.facts.cost import MONEY_TYPE
from headway.kernel.errors import SourceFault
from headway.kernel.registry import load, names
from headway.portfolio.source import Source

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Columns named in a finding; a wide table has hundreds.
_SHOWN = 12


@dataclass(slots=True)
class Context:
    """What a source may need to bind itself.

    Attributes:
        folder: the directory of the file that declares the source; its paths are relative to it.
        as_of: the moment of the review, as text: names a table that cannot say whether it changed.
        environment: variables, from which secrets come.
        store: the portfolio's store directory (digests of files are remembered there).
        memory: what was found out about contents before.
        engines: engines opened so far, by URL; one connection per place and review.
    """

    folder: Path
    as_of: str
    environment: dict[str, str]
    store: Path
    memory: Memory = field(default_factory=Memory)
    engines: dict[str, Engine] = field(default_factory=dict)
    _scratch: TemporaryDirectory[str] | None = field(default=None, init=False)

    @property
    def scratch(self) -> Path:
        """A folder of this run's own, which goes when it ends."""
        if self._scratch is None:
            self._scratch = TemporaryDirectory(prefix="headway-")
        return Path(self._scratch.name)

    def engine(self, url: str) -> Engine:
        """Open an engine once.

        Raises:
            SourceFault: HW308 no engine of that scheme; HW306 it does not answer.
        """
        if url not in self.engines:
            scheme, _, _ = url.partition(":")
            if scheme not in names("headway.engines"):
                known = ", ".join(names("headway.engines"))
                raise SourceFault("HW308", url, f"no engine is called '{scheme}'", f"use one of: {known}")
            make: Callable[[str], Engine] = load("headway.engines", scheme)  # type: ignore[assignment]
            self.engines[url] = make(url)
        return self.engines[url]

    def close(self) -> None:
        """Close every engine: what is bound here can be read no longer."""
        while self.engines:
            self.engines.popitem()[1].close()
        self.memory.close()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None


class Shape(Protocol):
    """Brings a table under the names and types of its fact."""

    def __call__(self, declared: Source, table: ir.Table, engine: Engine | None = None) -> ir.Table:
        """The table in its new shape.

        Raises:
            SourceFault: a column is not there, or not of its type.
        """
        ...


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


def under_contract(declared: Source, table: ir.Table, engine: Engine | None = None) -> ir.Table:
    """The table with its columns under the fact's names and types.

    Args:
        declared: the source.
        table: its columns under their own names.
        engine: asked whether a column of text that should be numbers holds anything at all.

    Raises:
        SourceFault: HW303 for a column that is not there, HW304 for one that cannot be its type.
    """
    fact: Fact = FACTS[declared.fact]
    contract = fact.contract(summed=declared.summed)
    named = dict(declared.columns)
    taken = set(named.values())
    for wanted, given in named.items():
        if given not in table.columns:
            raise absent(declared.source, given, f"column '{wanted}'", table)
    columns: dict[str, Any] = {wanted: table[given] for wanted, given in named.items()}
    columns |= {c: table[c] for c in table.columns if c not in taken and c not in columns}
    for column in contract:
        if column.name in columns:
            columns[column.name] = _typed(declared.source, column, columns[column.name], engine)
        elif column.required:
            raise absent(declared.source, column.name, f"fact '{fact.name}'", table)
    if not fact.open or declared.summed:
        known = {PART, *(c.name for c in contract)}
        columns = {name: value for name, value in columns.items() if name in known}
    return table.select(**columns)


def absent(source: str, column: str, needed_by: str, table: ir.Table) -> SourceFault:
    """HW303 for a column, with the nearest name that the table has."""
    near = difflib.get_close_matches(column, table.columns, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    shown = ", ".join(table.columns[:_SHOWN]) + (" ..." if len(table.columns) > _SHOWN else "")
    return SourceFault(
        "HW303",
        source,
        f"no column '{column}' for {needed_by}{hint}",
        f"map it under `columns`; the source has: {shown}",
    )


def whole(declared: Source, known: frozenset[str]) -> frozenset[str]:
    """Columns without empty values under the fact's names, from those known under the source's names."""
    taken = set(declared.columns.values()) | set(declared.columns)
    mapped = {wanted for wanted, given in declared.columns.items() if given in known}
    return frozenset(mapped | (known - taken))


def _typed(source: str, column: Column, value: Any, engine: Engine | None) -> Any:
    kind = value.type()
    match column.type:
        case "number" | "integer":
            if kind.is_string() and engine and _is_empty(value, engine):
                return value.cast("float64")
            found = value if kind.is_numeric() or kind.is_boolean() else None
        case "decimal":
            # A float's shortest text is the amount that somebody wrote; its binary digits are not.
            exact = value.cast("string") if kind.is_floating() else value
            found = exact.cast(MONEY_TYPE) if kind.is_numeric() or kind.is_string() else None
            found = value if kind.is_decimal() else found
        case "moment":
            # As a moment with a zone, or a text's own offset would be dropped; without one it is UTC.
            zoned = "timestamp('UTC')" if kind.is_string() else "timestamp"
            found = value.cast(zoned) if kind.is_string() or kind.is_date() else None
            found = value if kind.is_timestamp() else found
        case "text":
            found = value if kind.is_string() else value.cast("string")
        case _:
            found = value
    if found is None:
        raise _mistyped(source, column, str(kind))
    return found


def _mistyped(source: str, column: Column, kind: str) -> SourceFault:
    words = {"number": "a number", "integer": "a number", "decimal": "an amount", "moment": "a moment"}
    return SourceFault(
        "HW304",
        source,
        f"column '{column.name}' is {kind}, not {words[column.type]}",
        "name what means no value under `nullstr`, cast it in `sql`, or map another column",
    )


def _is_empty(value: Any, engine: Engine) -> bool:
    """Whether a column holds no value: a file with no row, or with nothing in that column, shows no type."""
    return not engine.fetch(value.as_table().filter(lambda t: t[0].notnull()).limit(1)).num_rows
