"""Where facts lie: the port that every engine fills, and a source bound to its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from headway.facts import Fact
from headway.kernel.diagnostic import Remark
from headway.kernel.errors import SourceFault

if TYPE_CHECKING:
    # Where all sums are remembered no engine is opened, and none of its packages is imported.
    import ibis.expr.types as ir
    import pyarrow as pa


class Engine(Protocol):
    """A place where facts lie and expressions run.

    `known_present`, `fetch`, `sql` and `close`; everything else is the same on all of them.
    """

    name: str

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns that the engine knows to hold no empty value, without reading rows."""
        ...

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows."""
        ...

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        ...

    def close(self) -> None:
        """Give the connection back; a second time does nothing."""
        ...


class Compiler:
    """Turns an expression into text once, however often it is asked for: compiling costs milliseconds."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._last: tuple[ir.Table | None, str] = (None, "")

    def __call__(self, expression: ir.Table) -> str:
        """The text of an expression in the backend's dialect."""
        if self._last[0] is not expression:
            self._last = expression, str(self._backend.compile(expression, pretty=True))
        return self._last[1]


def does_not_answer(source: str, error: Exception) -> SourceFault:
    """The fault of a source whose engine failed in a way that its kind has no better word for (HW306)."""
    return SourceFault("HW306", source, first_line(error), "see what the engine said")


def first_line(error: Exception) -> str:
    """What an error says first, or its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _nothing() -> None:
    """A source that cannot tell whether it changed."""


# The column that tells the parts of a source apart: no column of a fact is called so.
PART = "headway_part"


@dataclass(frozen=True, slots=True)
class Opened:
    """A source open for reading.

    Attributes:
        engine: where it lies.
        table: its rows as an Ibis table, its columns under the names of the fact's contract.
        present: columns without empty values.
        raw: each column's type as it lies there, before it is made the contract's.
        within: the rows of some parts, where an engine would not find out alone how little they need.
        look: rows that show where values lie, where the first of `table` cost as much as all.
    """

    engine: Engine
    table: ir.Table
    present: frozenset[str] = frozenset()
    raw: Mapping[str, str] = field(default_factory=dict)
    within: Callable[[Sequence[str]], ir.Table] | None = None
    look: Callable[[], ir.Table] | None = None

    @property
    def types(self) -> dict[str, str]:
        """Each column's type, in Ibis's words."""
        types = {name: str(kind).removeprefix("!") for name, kind in self.table.schema().items()}
        types.pop(PART, None)
        return types


@dataclass(frozen=True)
class Bound:
    """A source whose content and columns are known; it is opened when a row of it is asked for.

    Attributes:
        source: the source's declared name.
        fact: the contract it fills.
        summed: whether its rows are sums already.
        types: each column's type, under the names of the fact's contract.
        digest: names its content.
        opening: opens it.
        present: columns without empty values.
        counted: how many rows it has, where that is known.
        newest: the newest moment of the fact's time column, where it is known.
        parts: the digest of each part by what the column `PART` calls it; none where it is read as a whole.
        spans: the oldest and the newest moment of parts, where they are known; None in a part without one.
        settled: whether the digest names the content itself; a table that cannot tell whether it changed is
            read at every review.
        fault: makes a fault out of what the engine raises while the source is read.
        unchanged: called after every read; raises SourceFault where the content is no longer `digest`.
        made_of: the declared sources it is made of; none for a declared source itself.
        remarks: what is to be said about its rows, though they are read.
        whole: names of what may stand in one source only, such as an account's billing period, with what it
            amounts to.
        noted: what a person may want to know of it, in words by heading.
        open_until: the end of a period that is not closed yet, so that its amounts may still change.
    """

    source: str
    fact: Fact
    summed: bool
    types: Mapping[str, str]
    digest: str
    opening: Callable[[], Opened]
    present: frozenset[str] = frozenset()
    counted: int | None = None
    newest: datetime | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    spans: Mapping[str, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    settled: bool = True
    fault: Callable[[str, Exception], SourceFault] = does_not_answer
    unchanged: Callable[[], None] = _nothing
    made_of: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    whole: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)
    open_until: datetime | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(self.types)

    @cached_property
    def opened(self) -> Opened:
        """The source, opened when this is first asked.

        Raises:
            SourceFault: it cannot be opened.
        """
        return self.opening()

    @cached_property
    def rows(self) -> int:
        """How many rows it has, counted by the engine when first asked where it is not known."""
        if self.counted is not None:
            return self.counted
        table = self.opened.table
        return int(self.opened.engine.fetch(table.aggregate(n=table.count())).column("n")[0].as_py())

    def is_number(self, column: str) -> bool:
        """Whether a column can be summed: numbers, and what is true or false."""
        return self.types[column].startswith(("int", "uint", "float", "decimal", "boolean"))


def bound_at(source: str, fact: Fact, *, summed: bool, opened: Opened, digest: str) -> Bound:
    """A source that is open already."""
    return Bound(source, fact, summed, opened.types, digest, lambda: opened, opened.present)


@dataclass(frozen=True, slots=True)
class Read:
    """One query as it was sent, and whom it served.

    Attributes:
        source: the source's declared name.
        sql: its text.
        serves: the measures and initiatives that asked.
        scans: how often the source was read for it.
        remembered: whether the answer is that of an earlier run over the same content.
    """

    source: str
    sql: str
    serves: tuple[str, ...]
    scans: int
    remembered: bool = False
