"""What a row of a FOCUS bill counts with in showback.

The column that `cost_basis` declares for its provider, else EffectiveCost where the row has one and it was
not rounded away, else BilledCost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headway.facts.cost import BASIS, BASIS_OF, MONEY_TYPE
from headway.kernel.identity import Json
from headway.sources.focus_columns import TEXT
from headway.sources.focus_rules import NO_JSON, START_EMPTY, is_object
from headway.sources.focus_scan import Scanned

if TYPE_CHECKING:
    import ibis.expr.types as ir

_START = "ChargePeriodStart"
# What a comparison with nothing is taken for.
_NO = False


@dataclass(frozen=True, slots=True)
class Basis:
    """How the amount that a row counts with is chosen, and what else is put right in the rows.

    Attributes:
        declared: provider to the column that its rows count with.
        scanned: the bill as it was scanned.
        rounded: providers and the start of billing periods whose EffectiveCost is not used.
    """

    declared: Mapping[str, str]
    scanned: Scanned
    rounded: frozenset[tuple[str, str]]

    def named(self, part: str | None = None) -> Json:
        """What decides how the rows of a part, or of all, become what they count with."""
        rows = [r for r in self.scanned.rows if part is None or r.part == part]
        rounded = sorted({(r.provider, r.start) for r in rows} & self.rounded)
        return [dict(self.declared), [list(s) for s in rounded], sorted(self._mended(part))]

    def types(self, types: Mapping[str, str]) -> dict[str, str]:
        """Types of the columns of a bill once it has its basis."""
        kept = {name: kind for name, kind in types.items() if not name.endswith(TEXT)}
        return {**kept, BASIS: self._type(types), BASIS_OF: "string"}

    def _type(self, types: Mapping[str, str]) -> str:
        """The type of all the columns that a row may count with, where they have one: 38 digits cost most."""
        of = {types[c] for c in ("BilledCost", "EffectiveCost", *self.declared.values()) if c in types}
        kinds = {kind.removeprefix("!") for kind in of}
        (kind,) = kinds if len(kinds) == 1 else (MONEY_TYPE,)
        return kind if kind.startswith("decimal(") else MONEY_TYPE

    def __call__(self, table: ir.Table, *, reads_json: bool) -> ir.Table:
        """The rows with what they count with; `reads_json` as `focus_rules.is_object` has it."""
        import ibis

        cases = list(self._cases(table))
        amount: Any = table["BilledCost"]
        of: Any = ibis.literal("BilledCost")
        if cases:
            amount = ibis.cases(*((holds, table[column]) for holds, column in cases), else_=amount)
            of = ibis.cases(*((holds, ibis.literal(column)) for holds, column in cases), else_=of)
        kind = self._type({name: str(kind) for name, kind in table.schema().items()})
        made = {BASIS: amount.cast(kind), BASIS_OF: of}
        for name in self._mended():
            made[name] = _dated(table) if name == _START else _valid(table[name], reads_json=reads_json)
        return table.mutate(**made).drop(*(c for c in table.columns if c.endswith(TEXT)))

    def _cases(self, table: ir.Table) -> Iterator[tuple[Any, str]]:
        """When a row counts with another column than BilledCost, the first that holds."""
        for provider, column in sorted(self.declared.items()):
            if column in table.columns:
                yield _of_provider(table, provider) & table[column].notnull(), column
        if "EffectiveCost" not in table.columns:
            return
        usable = table["EffectiveCost"].notnull()
        for provider in sorted({p for p, _ in self.rounded}):
            usable = usable & ~self._rounded(table, provider)
        yield usable, "EffectiveCost"

    def _rounded(self, table: ir.Table, provider: str) -> Any:
        """Rows of a provider in the billing periods whose EffectiveCost was rounded."""
        of = _of_provider(table, provider)
        starts = {start for p, start in self.rounded if p == provider}
        if starts >= {r.start for r in self.scanned.rows if r.provider == provider}:
            return of
        start = table["BillingPeriodStart"]
        zoned = start.type().timezone is not None
        return of & start.isin([_moment(s, zoned=zoned) for s in sorted(starts)]).fill_null(_NO)

    def _mended(self, part: str | None = None) -> frozenset[str]:
        """Columns whose unusable values are replaced: documents that are none, and days that are absent."""
        rows = (r for r in self.scanned.rows if part is None or r.part == part)
        broken = {name for r in rows for name in r.broken}
        documents = {name.removesuffix(NO_JSON) for name in broken if name.endswith(NO_JSON)}
        dated = START_EMPTY in broken and "BillingPeriodStart" in self.scanned.columns
        return frozenset(documents | ({_START} if dated else set()))


def _of_provider(table: ir.Table, provider: str) -> Any:
    if "ServiceProviderName" not in table.columns:
        import ibis

        return ibis.literal(value=not provider)
    column = table["ServiceProviderName"]
    return (column == provider).fill_null(_NO) if provider else column.isnull()


def _moment(text: str, *, zoned: bool) -> Any:
    import ibis

    moment = datetime.fromisoformat(text).astimezone(UTC)
    return ibis.literal(moment, "timestamp('UTC')") if zoned else ibis.literal(moment.replace(tzinfo=None))


def _dated(table: ir.Table) -> Any:
    """The start of a charge; that of its billing period where it has none, so that its money is not lost."""
    start = table[_START]
    return start.fill_null(table["BillingPeriodStart"].cast(start.type()))


def _valid(document: Any, *, reads_json: bool) -> Any:
    """A document that is a JSON object, or nothing: an engine fails on what is no JSON."""
    import ibis

    return ibis.ifelse(is_object(document, reads_json=reads_json), document, ibis.null("string"))
