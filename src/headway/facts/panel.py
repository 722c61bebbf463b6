"""The fact ``panel``: the same units period after period, some of them treated from a period on."""

from __future__ import annotations

from headway.facts.base import Column, Fact

# The act by which the order in which its units start, drawn by lot, enters the ledger.
ORDER_DRAWN = "order_drawn"

PANEL = Fact(
    name="panel",
    meaning="one row per unit and period: when its treatment starts, then its outcome columns",
    columns=(
        Column("unit_id", "any", "what is treated: a team, a site, a region", required=True),
        Column("period", "any", "the period: a date, a year, the number of a week", required=True),
        Column("starts", "any", "its first treated period; empty for never", required=True),
        Column("stratum", "any", "the block in which the order was drawn"),
    ),
    key=("unit_id", "period"),
    time=None,
    open=True,
    summed=(),
)
