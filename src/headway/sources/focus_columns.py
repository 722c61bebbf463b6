"""The columns of FOCUS Cost and Usage by version, and a bill brought under the names of the newest one.

Written from the text of the specification, versions 1.0 to 1.4 (https://focus.finops.org).
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headway.facts import COST
from headway.facts.cost import MONEY_TYPE
from headway.kernel.errors import SourceFault
from headway.portfolio.source import FOCUS_VERSIONS, Source
from headway.sources.base import absent, under_contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from headway.aggregates.engine import Engine

# Columns that no earlier version has.
_NEW: Mapping[str, frozenset[str]] = {
    "1.1": frozenset(
        {"SkuMeter", "SkuPriceDetails", "ServiceSubcategory", "CapacityReservationId",
         "CapacityReservationStatus", "CommitmentDiscountQuantity", "CommitmentDiscountUnit"}
    ),
    "1.2": frozenset({"InvoiceId", "PricingCurrency", "BillingAccountType", "SubAccountType"}),
    "1.3": frozenset(
        {"ContractApplied", "ServiceProviderName", "HostProviderName", "AllocatedMethodId",
         "AllocatedResourceId", "AllocatedTags"}
    ),
    "1.4": frozenset({"CommitmentProgramEligibilityDetails", "InvoiceDetailId"}),
}  # fmt: skip
# What 1.4 has no longer.
_GONE = frozenset({"ProviderName", "x_PublisherName"})
_EVERY = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart",
    "BillingPeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart",
    "ChargePeriodEnd", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
    "PricingUnit", "ServiceCategory", "ServiceName", "ServiceProviderName",
)  # fmt: skip
# Columns that are read, or checked, and are no part of the fact.
_FURTHER = (
    "BillingAccountName", "BillingPeriodStatus", "ChargeDescription", "ChargeFrequency",
    "CommitmentDiscountCategory", "PublisherName",
)  # fmt: skip
_PLAIN = {
    name.lower(): name
    for name in (
        *(c.name for c in COST.columns),
        *_EVERY,
        *_FURTHER,
        *(n for new in _NEW.values() for n in new),
    )
}
NEEDED = tuple(c.name for c in COST.columns if c.required)
# Columns of JSON objects; exports to Parquet write maps.
DOCUMENTS = ("Tags", "AllocatedTags", "SkuPriceDetails")
# Ends the name under which a text is kept beside what it was read as.
TEXT = " as text"


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a bill: as declared, and the newest whose columns it shows."""

    declared: str | None
    detected: str

    @property
    def in_force(self) -> str:
        """The version whose rules are applied."""
        return self.declared or self.detected

    def mandatory(self) -> tuple[str, ...]:
        """Columns that the version demands; one that an older name fills counts as there."""
        more = {"1.3": ("HostProviderName",), "1.4": ("HostProviderName",)}.get(
            self.in_force, ("x_PublisherName",)
        )
        return (*_EVERY, *more)


def version_of(declared: Source, columns: Collection[str]) -> Version:
    """The newest version of which a bill has a column, and what it is said to be.

    >>> version_of(Source(source="bill", kind="focus", path="a.csv"), ["BilledCost", "InvoiceId"]).detected
    '1.2'
    """
    newest = newest_of(columns)
    if newest == "1.3" and declared.version == "1.4" and not _GONE & set(columns):
        # The columns that only 1.4 has are conditional; what it gave up is told by its absence.
        newest = "1.4"
    return Version(declared.version, newest)


def focus_version(columns: Collection[str]) -> str | None:
    """The version of FOCUS that a table's columns show; None where they are not those of FOCUS.

    >>> (
    ...     focus_version(["BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargeCategory"]),
    ...     focus_version(["y"]),
    ... )
    ('1.0', None)
    """
    named = own_names({}, columns)
    if not {*NEEDED, "ChargeCategory"} <= named.keys():
        return None
    return newest_of(named)


def newest_of(columns: Collection[str]) -> str:
    """The newest version of which a bill has a column."""
    # Where the older name is there too, the newer one may have been filled from it.
    shown = set(columns) - ({"ServiceProviderName"} if "ProviderName" in columns else set())
    return next((v for v in reversed(FOCUS_VERSIONS) if _NEW.get(v, frozenset()) & shown), "1.0")


def own_names(mapped: Mapping[str, str], columns: Collection[str]) -> dict[str, str]:
    """FOCUS column, or own column, to the name it has in the bill.

    Names are found whatever their case, with or without underscores: an engine may have folded them.
    """
    named = dict(mapped)
    taken = set(named.values())
    rest = [c for c in columns if c not in taken]
    found = named | {c: c for c in rest if c not in named}
    for column in rest:
        wanted = _PLAIN.get(column.lower().replace("_", ""))
        if wanted and wanted not in found:
            found[wanted] = found.pop(column)
    return found


def under_focus(declared: Source, table: ir.Table, engine: Engine | None = None) -> ir.Table:
    """A bill of any version under the names and types of the fact.

    A text that cannot be read as what it should be is empty; the text itself stands beside it, under its name
    and `TEXT`.

    Raises:
        SourceFault: HW303 a mapped column that is not there; HW341 a needed column that is not there; HW304 a
            column of another type.
    """
    named = readable(renamed(declared, table), engine)
    return under_contract(declared.model_copy(update={"columns": {}}), named, engine)


def renamed(declared: Source, table: ir.Table) -> ir.Table:
    """A bill under the names of FOCUS, with older names standing for newer ones.

    Raises:
        SourceFault: HW303 a mapped column that is not there; HW341 a needed one.
    """
    for wanted, given in declared.columns.items():
        if given not in table.columns:
            raise absent(declared.source, given, f"column '{wanted}'", table)
    columns: dict[str, Any] = {
        name: table[own] for name, own in own_names(declared.columns, table.columns).items()
    }
    if "ServiceProviderName" not in columns and "ProviderName" in columns:
        columns["ServiceProviderName"] = columns["ProviderName"]
    if "PublisherName" in columns and "x_PublisherName" not in columns:
        columns["x_PublisherName"] = columns.pop("PublisherName")
    lacking = [c for c in NEEDED if c not in columns]
    if lacking:
        raise _lacking(declared, lacking, table)
    return table.select(**columns)


def _lacking(declared: Source, lacking: list[str], table: ir.Table) -> SourceFault:
    near = {c: difflib.get_close_matches(c, table.columns, n=1, cutoff=0.6) for c in lacking}
    hints = ", ".join(f"{c}: {found[0]}" for c, found in near.items() if found)
    mend = (
        f"map it under `columns`: {{{hints}}}" if hints else f"map it under `columns`: {{{lacking[0]}: ...}}"
    )
    return SourceFault("HW341", declared.source, f"the bill has no column {' and no '.join(lacking)}", mend)


def readable(table: ir.Table, engine: Engine | None) -> ir.Table:
    """Texts of a bill read as what they are; each that is read as something else is kept beside it.

    Only DuckDB reads what it can and leaves the rest empty; in another engine a text that is no number fails
    when it is read.
    """
    made: dict[str, Any] = {}
    for column in COST.columns:
        if column.name not in table.columns:
            continue
        value: Any = table[column.name]
        if column.name in DOCUMENTS and not value.type().is_string():
            made[column.name] = as_json(value)
        elif column.type in _READ and value.type().is_string() and engine and engine.name == "duckdb":
            # Stripped also because DuckDB would hand a bare cast to its reader of CSV, which does not try.
            made[column.name] = value.strip().try_cast(_READ[column.type])
            made[f"{column.name}{TEXT}"] = value
    return table.mutate(**made)


_READ = {"decimal": MONEY_TYPE, "moment": "timestamp('UTC')"}


def as_json(value: Any) -> Any:
    """A map, struct or document as the text of its JSON."""
    import ibis

    if value.type().is_json():
        return value.cast("string")
    to_json = ibis.udf.scalar.builtin(_to_json, name="to_json", signature=((value.type(),), "json"))
    return to_json(value).cast("string")


def _to_json(document: Any) -> str:
    """A value as JSON: the engine's own function."""
    raise NotImplementedError
