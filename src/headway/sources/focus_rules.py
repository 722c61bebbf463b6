"""The rules of FOCUS that a bill is held against, as data: written from the text of the specification.

A rule says when a row breaks it; a comparison with nothing breaks none. All rules of a bill become one number
per row, a bit for each, so that one scan tells how many rows break which.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headway.facts import COST
from headway.portfolio.source import FOCUS_VERSIONS
from headway.sources.focus_columns import DOCUMENTS, TEXT

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Bits of a signed integer that are safe in every engine.
BITS = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """What a row must not be.

    Attributes:
        name: the column or columns, a full stop, and what is asked of them.
        says: what a row that breaks it does, after "in 7 rows".
        needs: the columns it reads; it is not asked where one is absent.
        breaks: whether a row breaks it.
        code: that of its finding; none where it is only counted.
        since: the first version that has it.
    """

    name: str
    says: str
    needs: tuple[str, ...]
    breaks: Callable[[ir.Table], Any]
    code: str = "HW361"
    since: str = "1.0"


# Columns that no row may leave empty.
_FILLED = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
    "ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ContractedCost", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "ServiceProviderName", "ServiceCategory", "ServiceName",
)  # fmt: skip
_AI = "AI and Machine Learning"
# Columns that hold one of a few words, or nothing.
_WORDS: dict[str, tuple[str, ...]] = {
    "ChargeCategory": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    "ChargeClass": ("Correction",),
    "ChargeFrequency": ("One-Time", "Recurring", "Usage-Based"),
    "PricingCategory": ("Standard", "Dynamic", "Committed", "Other"),
    "CommitmentDiscountCategory": ("Spend", "Usage"),
    "CommitmentDiscountStatus": ("Used", "Unused"),
    "CapacityReservationStatus": ("Used", "Unused"),
    "ServiceCategory": (
        _AI, "Analytics", "Business Applications", "Compute", "Databases",
        "Developer Tools", "Multicloud", "Identity", "Integration", "Internet of Things",
        "Management and Governance", "Media", "Migration", "Mobile", "Networking", "Security", "Storage",
        "Web", "Other",
    ),
}  # fmt: skip
_PERIODS = (("BillingPeriodStart", "BillingPeriodEnd"), ("ChargePeriodStart", "ChargePeriodEnd"))
# What a tax does not have, and what a usage or purchase that corrects nothing must have.
_NOT_OF_TAX = ("PricingCategory", "PricingQuantity", "PricingUnit", "SkuId", "SkuPriceId")
_OF_CHARGES = ("PricingCategory", "PricingQuantity", "PricingUnit", "SkuId")
# Columns that are empty wherever another one is.
_FOLLOWS = (
    ("CommitmentDiscountStatus", "CommitmentDiscountId", "1.0"),
    ("CommitmentDiscountCategory", "CommitmentDiscountId", "1.0"),
    ("CommitmentDiscountUnit", "CommitmentDiscountQuantity", "1.1"),
    ("CapacityReservationStatus", "CapacityReservationId", "1.1"),
)
# Columns that a usage has where another one is filled.
_OF_USAGE = (
    ("CommitmentDiscountStatus", "CommitmentDiscountId", "1.0"),
    ("CapacityReservationStatus", "CapacityReservationId", "1.1"),
)
# What marks rows without breaking a rule.
BILLED_FRACTION, EFFECTIVE_FRACTION = "BilledCost.fraction", "EffectiveCost.fraction"
EFFECTIVE_EMPTY, EFFECTIVE_ZERO = "EffectiveCost.filled", "EffectiveCost.zero"
UNTAGGED, AI = "Tags.filled", "ServiceCategory.ai"
COMMITTED, WASTED = "CommitmentDiscountStatus.used", "CommitmentDiscountStatus.unused"
NULL_TEXT, NO_JSON, UNREADABLE = ".null", ".json", ".read"
START_EMPTY = "ChargePeriodStart.filled"


def rules(columns: Collection[str], version: str, *, reads_json: bool) -> tuple[Rule, ...]:
    """The rules of a version that a bill can be held against, in a fixed order.

    Args:
        columns: those of the bill.
        version: of FOCUS.
        reads_json: whether the engine can tell JSON from what looks like it (DuckDB's `json_valid`).
    """
    at = FOCUS_VERSIONS.index(version)
    every = (*_every(), *_texts(columns, reads_json=reads_json))
    return tuple(r for r in every if set(r.needs) <= set(columns) and FOCUS_VERSIONS.index(r.since) <= at)


def masked(table: ir.Table, asked: Sequence[Rule]) -> dict[str, ir.Value]:
    """For every sixty rules the sum of the bits of those that a row breaks."""
    import ibis

    found: dict[str, ir.Value] = {}
    for first in range(0, len(asked), BITS):
        bits = [
            ibis.ifelse(rule.breaks(table), ibis.literal(1 << i, "int64"), ibis.literal(0, "int64"))
            for i, rule in enumerate(asked[first : first + BITS])
        ]
        while len(bits) > 1:
            # Added in pairs: a chain of sixty is nested deeper than some compilers go.
            bits = [a if b is None else a + b for a, b in _pairs(bits)]
        found[f"headway_mask{first // BITS}"] = bits[0]
    return found


def broken(masks: Sequence[int], asked: Sequence[Rule]) -> tuple[str, ...]:
    """The names of the rules whose bits are set."""
    return tuple(r.name for i, r in enumerate(asked) if masks[i // BITS] >> (i % BITS) & 1)


def every_rule() -> dict[str, Rule]:
    """Every rule that some bill may be held against, by its name."""
    texts = [f"{c.name}{TEXT}" for c in COST.columns]
    return {r.name: r for r in (*_every(), *_texts(texts, reads_json=True))}


def _pairs(bits: list[Any]) -> Iterator[tuple[Any, Any]]:
    yield from ((bits[i], bits[i + 1] if i + 1 < len(bits) else None) for i in range(0, len(bits), 2))


def _every() -> Iterator[Rule]:
    for column in _FILLED:
        yield Rule(f"{column}.filled", f"{column} is empty", (column,), _empty(column), "HW341")
    for column, words in _WORDS.items():
        says = f"{column} is none of {', '.join(words)}"
        yield Rule(f"{column}.word", says, (column,), _none_of(column, words))
    for first, last in _PERIODS:
        says = f"{last} is not after {first}"
        yield Rule(f"{last}.order", says, (first, last), _not_after(first, last))
    yield Rule(
        "BillingCurrency.letters",
        "BillingCurrency is not three capitals",
        ("BillingCurrency",),
        lambda t: ~t.BillingCurrency.re_search("^[A-Z]{3}$"),
    )
    yield Rule(
        "ListCost.least",
        "ListCost is below EffectiveCost",
        ("ListCost", "EffectiveCost"),
        lambda t: t.ListCost < t.EffectiveCost,
        "HW344",
    )
    yield from _of_categories()
    yield from _observed()


def _of_categories() -> Iterator[Rule]:
    """What depends on the kind of charge."""
    for column in _NOT_OF_TAX:
        yield Rule(f"{column}.tax", f"a tax has a {column}", ("ChargeCategory", column), _of_tax(column))
    for column in _OF_CHARGES:
        needs = ("ChargeCategory", "ChargeClass", column)
        yield Rule(f"{column}.charge", f"a usage or purchase has no {column}", needs, _without(column))
    yield Rule(
        "ChargeFrequency.purchase",
        "a purchase recurs by usage",
        ("ChargeCategory", "ChargeFrequency"),
        lambda t: (t.ChargeCategory == "Purchase") & (t.ChargeFrequency == "Usage-Based"),
    )
    yield Rule(
        "EffectiveCost.purchase",
        "the purchase of a commitment has an EffectiveCost, which its use has too",
        ("ChargeCategory", "CommitmentDiscountId", "EffectiveCost"),
        lambda t: (
            _is("ChargeCategory", "Purchase")(t) & t.CommitmentDiscountId.notnull() & (t.EffectiveCost != 0)
        ),
    )
    for column, other, since in _FOLLOWS:
        says = f"{column} stands without {other}"
        yield Rule(f"{column}.alone", says, (column, other), _alone(column, other), since=since)
    for column, other, since in _OF_USAGE:
        needs = ("ChargeCategory", column, other)
        says = f"a usage has a {other} and no {column}"
        yield Rule(f"{column}.usage", says, needs, _lost(column, other), since=since)


def _observed() -> Iterator[Rule]:
    """What is no fault of a row and tells about the bill."""
    for column, name in (("BilledCost", BILLED_FRACTION), ("EffectiveCost", EFFECTIVE_FRACTION)):
        yield Rule(name, f"{column} is no whole number", (column,), _fraction(column), "")
    yield Rule(
        EFFECTIVE_ZERO,
        "EffectiveCost is 0 and BilledCost is not",
        ("BilledCost", "EffectiveCost"),
        lambda t: (t.EffectiveCost == 0) & (t.BilledCost != 0),
        "",
    )
    yield Rule(UNTAGGED, "there are no Tags", ("Tags",), _empty("Tags"), "")
    yield Rule(AI, "the service is of AI", ("ServiceCategory",), _is("ServiceCategory", _AI), "")
    for name, status in ((COMMITTED, "Used"), (WASTED, "Unused")):
        column = "CommitmentDiscountStatus"
        yield Rule(name, f"{column} is {status}", (column,), _is(column, status), "")


def _texts(columns: Iterable[str], *, reads_json: bool) -> Iterator[Rule]:
    """What could not be read as what it is."""
    for text in sorted(c for c in columns if c.endswith(TEXT)):
        column = text.removesuffix(TEXT)
        kind = "moment" if column.endswith(("Start", "End")) else "number"
        says = f"{column} is the text NULL"
        yield Rule(f"{column}{NULL_TEXT}", says, (text,), _is_null_text(text), "HW304")
        says = f"{column} is no {kind}"
        yield Rule(f"{column}{UNREADABLE}", says, (text, column), _unreadable(text, column), "HW304")
    for column in DOCUMENTS:
        breaks = _no_object(column, reads_json=reads_json)
        yield Rule(f"{column}{NO_JSON}", f"{column} is no JSON object", (column,), breaks)


def _empty(column: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[column].isnull()


def _is(column: str, word: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[column] == word


def _none_of(column: str, words: Sequence[str]) -> Callable[[ir.Table], Any]:
    return lambda t: t[column].notin(list(words))


def _not_after(first: str, last: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[first] >= t[last]


def _of_tax(column: str) -> Callable[[ir.Table], Any]:
    return lambda t: (t.ChargeCategory == "Tax") & t[column].notnull()


def _without(column: str) -> Callable[[ir.Table], Any]:
    priced = ["Usage", "Purchase"]
    return lambda t: t.ChargeCategory.isin(priced) & t.ChargeClass.isnull() & t[column].isnull()


def _alone(column: str, other: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[column].notnull() & t[other].isnull()


def _lost(column: str, other: str) -> Callable[[ir.Table], Any]:
    return lambda t: (t.ChargeCategory == "Usage") & t[other].notnull() & t[column].isnull()


def _fraction(column: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[column] != _whole_part(t[column])


def _whole_part(value: Any) -> Any:
    """An amount without its decimals; twice as fast as the cast that Ibis makes of `floor`."""
    import ibis

    signature = ((value.type(),), value.type())
    return ibis.udf.scalar.builtin(_trunc, name="trunc", signature=signature)(value)


def _trunc(value: Any) -> Any:
    """The whole part: the engines' own function."""
    raise NotImplementedError


def _is_null_text(text: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[text].strip().upper() == "NULL"


def _unreadable(text: str, column: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[text].notnull() & t[column].isnull()


def _no_object(column: str, *, reads_json: bool) -> Callable[[ir.Table], Any]:
    return lambda t: ~is_object(t[column], reads_json=reads_json)


def is_object(document: Any, *, reads_json: bool) -> Any:
    """Whether a text is a JSON object, as far as the engine can tell."""
    import ibis

    text = document.strip()
    found = text.startswith("{") & text.endswith("}")
    if reads_json:
        valid = ibis.udf.scalar.builtin(_json_valid, name="json_valid", signature=(("string",), "boolean"))
        found = found & valid(document)
    return found


def _json_valid(text: str) -> bool:
    """Whether a text is JSON: the engine's own function."""
    raise NotImplementedError
