"""One set of charges as a FOCUS bill of every version: what differs between versions, and nothing else."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from headway.portfolio.source import FOCUS_VERSIONS

Charge = dict[str, str]

# Columns that a version adds; what an older version does not have is left out.
ADDED: Mapping[str, tuple[str, ...]] = {
    "1.1": ("ServiceSubcategory", "SkuMeter", "SkuPriceDetails", "CapacityReservationId",
            "CapacityReservationStatus"),
    "1.2": ("InvoiceId",),
    "1.3": ("ServiceProviderName", "HostProviderName", "ContractApplied", "AllocatedTags"),
    "1.4": ("CommitmentProgramEligibilityDetails",),
}  # fmt: skip
OLDER = {"ServiceProviderName": "ProviderName"}

USAGE: Charge = {
    "BilledCost": "12.340000000001", "EffectiveCost": "11.5", "ListCost": "14", "ContractedCost": "12.5",
    "BillingCurrency": "EUR", "BillingAccountId": "acct-1", "BillingAccountName": "Harbour",
    "BillingPeriodStart": "2026-01-01 00:00:00", "BillingPeriodEnd": "2026-02-01 00:00:00",
    "ChargePeriodStart": "2026-01-03 00:00:00", "ChargePeriodEnd": "2026-01-04 00:00:00",
    "ChargeCategory": "Usage", "ChargeClass": "", "ChargeFrequency": "Usage-Based",
    "ChargeDescription": "GPU hours", "ServiceCategory": "AI and Machine Learning",
    "ServiceSubcategory": "Generative AI", "ServiceName": "Model hosting", "ServiceProviderName": "Nimbus",
    "HostProviderName": "Nimbus", "PublisherName": "Nimbus", "InvoiceIssuerName": "Nimbus SARL",
    "InvoiceId": "INV-7", "SubAccountId": "a-17", "ResourceId": "gpu/7", "RegionId": "eu-1", "SkuId": "sku-1",
    "SkuMeter": "GPU hours", "SkuPriceId": "price-1", "SkuPriceDetails": '{"GpuCount": 8}',
    "PricingCategory": "Standard", "PricingQuantity": "8", "PricingUnit": "Hours", "ConsumedQuantity": "8",
    "ConsumedUnit": "Hours", "CommitmentDiscountId": "", "CommitmentDiscountCategory": "",
    "CommitmentDiscountStatus": "", "CapacityReservationId": "", "CapacityReservationStatus": "",
    "ContractApplied": "", "AllocatedTags": "", "CommitmentProgramEligibilityDetails": "",
    "Tags": '{"app": "replies"}',
}  # fmt: skip
CHARGES: tuple[Charge, ...] = (
    USAGE,
    USAGE | {"BilledCost": "0.000000000123", "EffectiveCost": "0.000000000123", "Tags": "", "ResourceId": ""},
    USAGE | {"BilledCost": "0", "EffectiveCost": "3.25", "PricingCategory": "Committed",
             "CommitmentDiscountId": "c-1", "CommitmentDiscountCategory": "Spend",
             "CommitmentDiscountStatus": "Used"},
    USAGE | {"BilledCost": "0", "EffectiveCost": "0.75", "PricingCategory": "Committed",
             "CommitmentDiscountId": "c-1", "CommitmentDiscountCategory": "Spend",
             "CommitmentDiscountStatus": "Unused"},
    USAGE | {"BilledCost": "-2.5", "EffectiveCost": "-2.5", "ListCost": "-2.5", "ContractedCost": "-2.5",
             "ChargeCategory": "Credit", "ChargeFrequency": "One-Time"},
    USAGE | {"BilledCost": "1.9", "EffectiveCost": "1.9", "ListCost": "1.9", "ContractedCost": "1.9",
             "ChargeCategory": "Tax", "ChargeFrequency": "One-Time", "PricingCategory": "",
             "PricingQuantity": "", "PricingUnit": "", "SkuId": "", "SkuPriceId": "", "ConsumedQuantity": "",
             "ConsumedUnit": ""},
)  # fmt: skip


def of_version(charges: Sequence[Charge], version: str) -> list[Charge]:
    """The charges with the columns of a version only, under its names."""
    at = FOCUS_VERSIONS.index(version)
    later = {c for v in FOCUS_VERSIONS[at + 1 :] for c in ADDED.get(v, ())}
    names = {new: old for new, old in OLDER.items() if new in later}
    gone = (later - names.keys()) | ({"PublisherName"} if version == "1.4" else set())
    return [{names.get(c, c): v for c, v in charge.items() if c not in gone} for charge in charges]


def write(path: Path, charges: Sequence[Charge], null: str = "") -> Path:
    """A CSV file of charges; what is empty is written as `null`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(charges[0]))
        writer.writeheader()
        writer.writerows({c: v or null for c, v in charge.items()} for charge in charges)
    return path
