"""The fact ``commitment``: what was promised to a provider for a discount, in the names of FOCUS."""

from __future__ import annotations

from headway.facts.base import Column, Fact

COMMITMENT = Fact(
    name="commitment",
    meaning="one commitment to a provider, or one that is on offer: how much, for how long, at what discount",
    columns=(
        Column("ContractCommitmentId", "text", "what names it", required=True),
        Column("ContractCommitmentCategory", "text", "Usage (units) or Spend (money)", required=True),
        Column(
            "ContractCommitmentQuantity",
            "decimal",
            "how much: of units held at once, or of hours or money over the whole period",
            required=True,
        ),
        Column("ContractCommitmentUnit", "text", "the unit of the quantity; `... Hours` is over the period"),
        Column("ContractCommitmentCost", "decimal", "what it costs over the whole period"),
        Column("DiscountPercentage", "decimal", "the discount off the price on demand, 28 for 28 %"),
        Column("ContractCommitmentPeriodStart", "moment", "from when it binds, inclusive", required=True),
        Column("ContractCommitmentPeriodEnd", "moment", "until when, exclusive", required=True),
        Column(
            "ContractCommitmentLifecycleStatus",
            "text",
            "Active, Offered ...; nothing but `Offered` marks what is not bought",
        ),
        Column("ContractCommitmentApplicability", "text", "the resource it covers: gpu, cpu ..."),
        Column("owner", "text", "the initiative that it was bought for"),
    ),
    key=("ContractCommitmentId",),
    time="ContractCommitmentPeriodStart",
    open=True,
    summed=(),
)
