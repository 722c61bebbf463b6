"""The fact ``cost``: charge rows in the names of FOCUS Cost and Usage; money is decimal, never float."""

from __future__ import annotations

from headway.facts.base import Column, Fact

# Decimal digits of a charge: FOCUS bills carry up to twelve decimals; 38 is what every engine holds exactly.
MONEY_DIGITS = (38, 18)
MONEY_TYPE = "decimal({}, {})".format(*MONEY_DIGITS)

COST = Fact(
    name="cost",
    meaning="one charge row of a FOCUS bill",
    columns=(
        Column("BilledCost", "decimal", "what is invoiced (cash)", unit="BillingCurrency", required=True),
        Column("BillingCurrency", "text", "ISO 4217 code", required=True),
        Column("ChargePeriodStart", "moment", "start of the charge, inclusive", required=True),
        Column("EffectiveCost", "decimal", "amortised cost (showback)", unit="BillingCurrency"),
        Column("ListCost", "decimal", "cost at list prices", unit="BillingCurrency"),
        Column("ChargePeriodEnd", "moment", "end of the charge, exclusive"),
        Column("ChargeCategory", "text", "Usage, Purchase, Tax, Credit or Adjustment"),
        Column("BillingAccountId", "text", "the account that is invoiced"),
        Column("SubAccountId", "text", "project, subscription or account below it"),
        Column("ServiceName", "text", "the service charged"),
        Column("ServiceCategory", "text", "FOCUS category of the service"),
        Column("ProviderName", "text", "who provides it (FOCUS 1.0 to 1.3)"),
        Column("ServiceProviderName", "text", "who provides it (from FOCUS 1.3)"),
        Column("ResourceId", "text", "the resource charged"),
        Column("RegionId", "text", "where it runs"),
        Column("SkuId", "text", "what was priced"),
        Column("Tags", "text", "JSON object of tag names and values"),
    ),
    key=(),
    time="ChargePeriodStart",
    open=True,
    summed=(),
)
