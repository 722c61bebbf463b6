"""A file of published rates, read whole and pinned by its digest: what lists and tables share."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import Bound
from headway.facts.rate import RATE, RATE_DIGITS, Rate
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest, digest_bytes
from headway.portfolio.source import Source
from headway.sources.base import Context as Binding

if TYPE_CHECKING:
    from headway.aggregates.engine import Opened

Rows = Iterable[Mapping[str, Any]]
Reader = Callable[[Rows], list[Rate]]

MOST_BYTES = 50_000_000
_SHORT = 12
_KINDS = {
    "kind": "string",
    "key": "string",
    "unit": "string",
    "value": "decimal({}, {})".format(*RATE_DIGITS),
    "currency": "string",
    "valid_from": "date",
    "valid_to": "date",
    "source": "string",
    "year": "int64",
    "digest": "string",
}
_EXACT = Context(prec=RATE_DIGITS[0])
_GRAIN = Decimal(1).scaleb(-RATE_DIGITS[1])


def bind_rates(declared: Source, context: Binding, parse: Callable[[str, str], Rows], read: Reader) -> Bound:
    """Bind a file of rates; its rows are made when somebody asks for one.

    Args:
        declared: the source.
        context: where its file lies.
        parse: the file's text and suffix to the rows that stand in it.
        read: those rows to rates.

    Raises:
        SourceFault: HW301 no file; HW302 too large; HW352 its content is not the pinned one.
    """
    path = context.folder / (declared.path or "")
    content = _content(declared, path)
    found = digest_bytes(content)
    if declared.digest and not found.startswith(declared.digest):
        raise SourceFault(
            "HW352",
            declared.source,
            f"'{path.name}' is not the file that was pinned: its digest begins with {found[:_SHORT]}",
            f"see what changed in it, then write digest: {found}",
        )
    suffix = path.suffix.lower()
    taken = declared.dated.isoformat() if declared.dated else ""
    named: dict[str, Json] = {"rates": found, "kind": declared.kind, "dated": taken}
    return Bound(
        source=declared.source,
        fact=RATE,
        summed=False,
        types=dict(_KINDS),
        digest=digest(named),
        opening=_Rows(declared, content, lambda: read(parse(content.decode("utf-8-sig"), suffix)), context),
        present=frozenset({"kind", "key", "unit", "digest"}),
    )


def csv_rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text by the names of its header.

    Raises:
        ValueError: a row has more or fewer cells than the header.
    """
    lines = csv.reader(io.StringIO(text))
    head = [cell.strip() for cell in next(lines, [])]
    rows = []
    for row in lines:
        if len(row) > len(head):
            message = f"line {lines.line_num} has {len(row)} cells, the header {len(head)}"
            raise ValueError(message)
        if row:
            cells = [cell.strip() for cell in row] + [""] * (len(head) - len(row))
            rows.append(dict(zip(head, cells, strict=True)))
    return rows


def amount(value: object) -> Decimal | None:
    """A number as it is written, to the last digit; None where there is none of 0 or more: that is not 0.

    >>> amount("2.5e-06"), amount(""), amount("27.29.5")
    (Decimal('0.0000025000000000000000000000'), None, None)
    """
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
        kept = found.quantize(_GRAIN, ROUND_HALF_EVEN, _EXACT) if found.is_finite() else None
    except InvalidOperation:
        return None
    return kept if kept is not None and kept >= 0 else None


def day(value: object) -> date | None:
    """A day as it is written; None where nothing is, or no day."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _content(declared: Source, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        what = f"'{declared.path}' cannot be read: {error.strerror or error}"
        mend = "correct `path` (it is relative to this file), or fetch the file"
        raise SourceFault("HW301", declared.source, what, mend) from error
    if len(content) > MOST_BYTES:
        what = f"'{declared.path}' is larger than {MOST_BYTES:,} bytes"
        raise SourceFault("HW302", declared.source, what, "name the list itself")
    return content


@dataclass(frozen=True)
class _Rows:
    """Puts the rates into the embedded engine, once; where all sums are remembered nothing is parsed."""

    declared: Source
    content: bytes
    made: Callable[[], list[Rate]]
    context: Binding

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        import pyarrow as pa

        from headway.aggregates.engine import Opened

        rates = self._rates()
        engine: Any = self.context.engine("duckdb:")
        name = f"rates_{digest(self.declared.source)[:16]}"
        types = {**dict.fromkeys(_KINDS, pa.string()), "value": pa.decimal128(*RATE_DIGITS)}
        types |= {"valid_from": pa.date32(), "valid_to": pa.date32(), "year": pa.int64()}
        content = digest_bytes(self.content)
        columns = {c: [getattr(r, c, content) for r in rates] for c in _KINDS}
        engine.backend.con.register(name, pa.table({c: pa.array(v, types[c]) for c, v in columns.items()}))
        return Opened(engine, engine.backend.table(name))

    def _rates(self) -> list[Rate]:
        source, taken = self.declared.source, self.declared.dated
        try:
            rates = self.made()
        except (ValueError, TypeError, csv.Error, RecursionError) as error:
            why = str(error).partition("\n")[0]
            raise SourceFault("HW302", source, why, "fetch the file again") from error
        if not rates:
            what = f"'{self.declared.path}' has none of the columns of kind {self.declared.kind}"
            raise SourceFault("HW302", source, what, "name a table that the kind reads: see its page")
        return [replace(r, valid_from=r.valid_from or taken) for r in rates]
