"""One scan over a bill: what its rows are and which rules they break, remembered by content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import PART, Bound
from headway.kernel.identity import Json, digest, instant
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.file_source import ROW
from headway.sources.focus_columns import Version, under_focus, version_of
from headway.sources.focus_rules import broken, every_rule, masked, rules

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from headway.aggregates.engine import Engine

# Raised when another thing is looked at, so that nothing found by the old scan is taken for it.
_FORM = "1"
_KEYS = (
    "ServiceProviderName", "InvoiceIssuerName", "BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd",
    "BillingCurrency", "BillingPeriodStatus",
)  # fmt: skip
_AMOUNTS = ("BilledCost", "EffectiveCost")
_START = "ChargePeriodStart"
# What names a charge for a person where its rows have no numbers; the first that is filled.
_NAMING = ("ResourceId", "SkuPriceId", "SkuId", "SubAccountId", "BillingAccountId", "BillingCurrency")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a bill that are alike: of one file, provider, period and currency, and with the same faults.

    Attributes:
        part: the file; empty for a table.
        provider: who provides the services.
        issuer: who invoices.
        account: that is invoiced.
        start: of the billing period.
        end: of the billing period.
        currency: of the amounts.
        status: of the billing period, where the bill says it.
        broken: the names of the rules that these rows break.
        rows: how many.
        amounts: sums of BilledCost and EffectiveCost.
        first: the first row, counted from 1 in its file, or what names a charge.
        charged: the first and last start of a charge.
    """

    part: str
    provider: str
    issuer: str
    account: str
    start: str
    end: str
    currency: str
    status: str
    broken: frozenset[str]
    rows: int
    amounts: tuple[Decimal, ...]
    first: str
    charged: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A bill as it was scanned.

    Attributes:
        version: declared and detected.
        columns: under their FOCUS names.
        rows: its rows, by what they have in common.
    """

    version: Version
    columns: frozenset[str]
    rows: tuple[Rows, ...]

    def having(self, *names: str) -> tuple[Rows, ...]:
        """The rows that break any of some rules."""
        return tuple(r for r in self.rows if not r.broken.isdisjoint(names))


@dataclass(frozen=True, slots=True)
class Lying:
    """A bill where it lies.

    Attributes:
        declared: the source.
        bound: its rows under the names of FOCUS.
        parts: each file's digest by its path; one part without a name for a table, and for what a SELECT
            makes of files.
        files: none for a table.
    """

    declared: Source
    bound: Bound
    parts: Mapping[str, str]
    files: tuple[Path, ...] = ()


def scan(lying: Lying, context: Context) -> Scanned:
    """What the rows of a bill are; parts that were scanned before are not read again.

    Raises:
        SourceFault: it cannot be read.
    """
    declared, bound = lying.declared, lying.bound
    version = version_of(declared, bound.columns)
    read: list[Json] = [_FORM, version.in_force, dict(declared.columns), list(declared.nullstr), declared.sql]
    read += sorted(every_rule())
    names = {part: digest(["focus", content, *read]) for part, content in lying.parts.items()}
    kept = {part: _read(context.memory.get(name)) for part, name in names.items()} if bound.settled else {}
    found = {part: rows for part, rows in kept.items() if rows is not None}
    missing = [part for part in names if part not in found]
    if missing:
        fresh = _scanned(lying, missing, version, context)
        found |= fresh
        for part in missing if bound.settled else ():
            context.memory.put(names[part], [_kept(r) for r in fresh[part]])
    rows = (replace(r, part=part) for part in names for r in found[part])
    return Scanned(version, frozenset(bound.columns), tuple(rows))


def _scanned(
    lying: Lying, parts: Sequence[str], version: Version, context: Context
) -> dict[str, tuple[Rows, ...]]:
    """The rows of some parts, from one scan of these."""
    engine, table = _table(lying, parts, context)
    asked = rules(table.columns, version.in_force, reads_json=engine.name == "duckdb")
    masks = masked(table, asked)
    marked = table.mutate(**masks)
    keys = [k for k in (PART, *_KEYS) if k in table.columns]
    sums = {a: marked[a].sum().cast("string") for a in _AMOUNTS if a in table.columns}
    start = marked[_START]
    told = {"rows": marked.count(), "first": marked[ROW].min(), "from": start.min(), "to": start.max()}
    try:
        groups = engine.fetch(marked.group_by([*keys, *masks]).aggregate(**sums, **told)).to_pylist()
    except Exception as error:
        raise lying.bound.fault(lying.declared.source, error) from error
    found: dict[str, list[Rows]] = {part: [] for part in parts}
    for one in groups:
        part = str(one.get(PART, parts[0]))
        found[part].append(
            _rows(
                [_text(one.get(k)) for k in _KEYS],
                broken([int(one[m]) for m in masks], asked),
                int(one["rows"]),
                [one.get(a) or 0 for a in _AMOUNTS],
                [_text(one[k]) for k in ("first", "from", "to")],
            )
        )
    return {part: _counted(rows) if lying.files else tuple(rows) for part, rows in found.items()}


def _table(lying: Lying, parts: Sequence[str], context: Context) -> tuple[Engine, ir.Table]:
    """The rows of some parts, each with its number, or with what names its charge."""
    # They bring DuckDB and Ibis with them.
    import ibis

    from headway.sources.file_table import numbered

    if not lying.files:
        opened = lying.bound.opened
        table = opened.table
        named = [table[c] for c in _NAMING if c in table.columns]
        return opened.engine, table.mutate(**{ROW: ibis.coalesce(*named)})
    files = [f for f in lying.files if str(f) in parts or "" in parts]
    engine, raw = numbered(lying.declared, files, context)
    return engine, under_focus(lying.declared, raw, engine)


def _rows(
    alike: Sequence[str], names: Iterable[str], rows: int, amounts: Sequence[Any], first: Sequence[str]
) -> Rows:
    provider, issuer, account, start, end, currency, status = map(str, alike)
    number, *charged = map(str, first)
    return Rows(
        part="",
        provider=provider,
        issuer=issuer,
        account=account,
        start=start,
        end=end,
        currency=currency,
        status=status,
        broken=frozenset(map(str, names)),
        rows=rows,
        amounts=tuple(map(Decimal, amounts)),
        first=number,
        charged=(charged[0], charged[1]),
    )


def _counted(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    """Numbers of rows from 1 on in their own part: in text they go on from the part before."""
    before = min((int(r.first) for r in rows), default=0) - 1
    return tuple(replace(r, first=f"row {int(r.first) - before:,}") for r in rows)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return instant(value if value.tzinfo else value.replace(tzinfo=UTC))
    return "" if value is None else str(value)


def _kept(rows: Rows) -> dict[str, Json]:
    """As plain JSON, without the part's name: the same bytes may be called otherwise tomorrow."""
    alike = (rows.provider, rows.issuer, rows.account, rows.start, rows.end, rows.currency, rows.status)
    return {
        "alike": list(alike),
        "broken": sorted(rows.broken),
        "rows": rows.rows,
        "amounts": [str(a) for a in rows.amounts],
        "first": [rows.first, *rows.charged],
    }


def _read(kept: Any) -> tuple[Rows, ...] | None:
    """What was kept, where it has the form of it."""
    try:
        return tuple(
            _rows(one["alike"], one["broken"], int(one["rows"]), one["amounts"], one["first"]) for one in kept
        )
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError):
        return None
