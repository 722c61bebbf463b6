"""The fact ``cost``: charge rows in the names of FOCUS Cost and Usage; money is decimal, never float."""

from __future__ import annotations

from headway.facts.base import Column, Fact

# Decimal digits of a charge: FOCUS bills carry up to twelve decimals; 38 is what every engine holds exactly.
MONEY_DIGITS = (38, 18)
MONEY_TYPE = "decimal({}, {})".format(*MONEY_DIGITS)

# The columns of amounts that a row may count with.
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
# Which of them a row counts with in showback, made by sources of kind `focus`, and the name of that column.
BASIS, BASIS_OF = "BasisCost", "BasisOf"

COST = Fact(
    name="cost",
    meaning="one charge row of a FOCUS bill",
    columns=(
        Column("BilledCost", "decimal", "what is invoiced (cash)", unit="BillingCurrency", required=True),
        Column("BillingCurrency", "text", "ISO 4217 code", required=True),
        Column("ChargePeriodStart", "moment", "start of the charge, inclusive", required=True),
        Column("EffectiveCost", "decimal", "amortised cost (showback)", unit="BillingCurrency"),
        Column("ListCost", "decimal", "cost at list prices", unit="BillingCurrency"),
        Column("ContractedCost", "decimal", "cost at negotiated prices", unit="BillingCurrency"),
        Column(BASIS, "decimal", "what the row counts with in showback", unit="BillingCurrency"),
        Column(BASIS_OF, "text", "the column that amount is of: EffectiveCost, or BilledCost without it"),
        Column("ChargePeriodEnd", "moment", "end of the charge, exclusive"),
        Column("BillingPeriodStart", "moment", "start of the period invoiced, inclusive"),
        Column("BillingPeriodEnd", "moment", "end of the period invoiced, exclusive"),
        Column("ChargeCategory", "text", "Usage, Purchase, Tax, Credit or Adjustment"),
        Column("ChargeClass", "text", "Correction, or nothing"),
        Column("BillingAccountId", "text", "the account that is invoiced"),
        Column("SubAccountId", "text", "project, subscription or account below it"),
        Column("ServiceName", "text", "the service charged"),
        Column("ServiceCategory", "text", "FOCUS category of the service"),
        Column("ServiceSubcategory", "text", "FOCUS subcategory of the service (from FOCUS 1.1)"),
        Column("ProviderName", "text", "who provides it (FOCUS 1.0 to 1.3)"),
        Column("ServiceProviderName", "text", "who provides it (from FOCUS 1.3)"),
        Column("HostProviderName", "text", "on whose machines it runs (from FOCUS 1.3)"),
        Column("InvoiceIssuerName", "text", "who invoices it"),
        Column("InvoiceId", "text", "the invoice (from FOCUS 1.2)"),
        Column("ResourceId", "text", "the resource charged"),
        Column("RegionId", "text", "where it runs"),
        Column("SkuId", "text", "what was priced"),
        Column("SkuMeter", "text", "what the price counts (from FOCUS 1.1)"),
        Column("SkuPriceId", "text", "the price"),
        Column(
            "SkuPriceDetails", "text", "JSON object of the price's terms, such as GpuCount (from FOCUS 1.1)"
        ),
        Column("PricingCategory", "text", "Standard, Dynamic, Committed or Other"),
        Column("PricingQuantity", "decimal", "how much was priced", unit="PricingUnit"),
        Column("PricingUnit", "text", "unit of what was priced"),
        Column("ConsumedQuantity", "decimal", "how much was consumed", unit="ConsumedUnit"),
        Column("ConsumedUnit", "text", "unit of what was consumed"),
        Column("CommitmentDiscountId", "text", "the commitment that discounts the charge"),
        Column("CommitmentDiscountStatus", "text", "Used or Unused"),
        Column(
            "CommitmentDiscountQuantity",
            "decimal",
            "how much of the commitment (from FOCUS 1.1)",
            unit="CommitmentDiscountUnit",
        ),
        Column("CommitmentDiscountUnit", "text", "unit of the commitment (from FOCUS 1.1)"),
        Column("CapacityReservationId", "text", "the reservation of capacity (from FOCUS 1.1)"),
        Column("CapacityReservationStatus", "text", "Used or Unused (from FOCUS 1.1)"),
        Column("AllocatedMethodId", "text", "how a shared cost was split (from FOCUS 1.3)"),
        Column("AllocatedResourceId", "text", "what received its part (from FOCUS 1.3)"),
        Column("AllocatedTags", "text", "JSON object of the tags of what received it (from FOCUS 1.3)"),
        Column("Tags", "text", "JSON object of tag names and values"),
    ),
    key=(),
    time="ChargePeriodStart",
    open=True,
    summed=(),
)
