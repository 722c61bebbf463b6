"""Where facts lie: the port that every engine fills, and a source bound to its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from headway.facts import Fact
from headway.kernel.errors import SourceFault


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


@dataclass(frozen=True)
class Bound:
    """A source bound to its engine, its columns under the names of the fact's contract.

    Attributes:
        source: the source's declared name.
        fact: the contract it fills.
        summed: whether its rows are sums already.
        engine: where it lies.
        table: its rows as an Ibis table.
        digest: names its content.
        present: columns without empty values.
        fault: makes a fault out of what the engine raises while the source is read.
        unchanged: called after every read; raises SourceFault where the content is no longer `digest`.
    """

    source: str
    fact: Fact
    summed: bool
    engine: Engine
    table: ir.Table
    digest: str
    present: frozenset[str] = frozenset()
    fault: Callable[[str, Exception], SourceFault] = does_not_answer
    unchanged: Callable[[], None] = _nothing

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(self.table.columns)

    @cached_property
    def rows(self) -> int:
        """How many rows it has, counted by the engine when first asked."""
        return int(self.engine.fetch(self.table.aggregate(n=self.table.count())).column("n")[0].as_py())


@dataclass(frozen=True, slots=True)
class Read:
    """One query as it was sent, and whom it served."""

    source: str
    sql: str
    serves: tuple[str, ...]
    scans: int
