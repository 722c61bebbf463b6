"""The source kind ``focus``: a bill in the FOCUS format, as files or as a table of an engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from headway.aggregates.engine import Bound
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.content import content_of
from headway.sources.file_source import bind_file, files_of
from headway.sources.focus_basis import Basis
from headway.sources.focus_columns import NEEDED, under_focus
from headway.sources.focus_findings import find
from headway.sources.focus_scan import Lying, scan
from headway.sources.sql_source import bind_sql

if TYPE_CHECKING:
    from headway.aggregates.engine import Opened


def bind_focus(declared: Source, context: Context) -> Bound:
    """Bind a bill, and hold its rows against the rules of its version.

    Raises:
        SourceFault: HW341 a needed column is absent; HW304 amounts or moments that cannot be read; and
            whatever sources of kind `file` and `sql` raise.
    """
    lying = _lying(declared, context)
    scanned = scan(lying, context)
    found = find(lying, scanned, context)
    basis = Basis(declared.cost_basis, scanned, found.rounded)
    bound = lying.bound
    return replace(
        bound,
        types=basis.types(bound.types),
        digest=digest([bound.digest, basis.named()]),
        opening=_Opening(bound, basis),
        # What was text may hold what is no number, which is empty then; these are known to be whole or told.
        present=bound.present & set(NEEDED),
        parts={part: digest([content, basis.named(part)]) for part, content in bound.parts.items()},
        remarks=found.remarks,
        whole=found.whole,
        noted=found.noted,
        open_until=found.open_until,
    )


def _lying(declared: Source, context: Context) -> Lying:
    if not declared.path:
        bound = bind_sql(declared, context, under_focus)
        return Lying(declared, bound, {"": bound.digest})
    bound = bind_file(declared, context, under_focus)
    files = files_of(declared, context.folder)
    content = content_of(files, context.store / "digests.json")
    # What a SELECT makes of all files may not be what it makes of each.
    parts = {"": content.digest} if declared.sql else dict(zip(map(str, files), content.digests, strict=True))
    return Lying(declared, bound, parts, tuple(files))


@dataclass(frozen=True)
class _Opening:
    """Opens the bill once, with what its rows count with."""

    bound: Bound
    basis: Basis

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        plain = self.bound.opened
        table = self.basis(plain.table, reads_json=plain.engine.name == "duckdb")
        return replace(plain, table=table, present=plain.present & set(NEEDED))
