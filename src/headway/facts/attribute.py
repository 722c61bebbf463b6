"""The fact ``attribute``: what is fixed about a unit, beside what happens to it."""

from __future__ import annotations

from headway.facts.base import Column, Fact

ATTRIBUTE = Fact(
    name="attribute",
    meaning="one row per unit: what was fixed before it was shown an arm",
    columns=(
        Column("unit_id", "any", "the unit", required=True),
        Column("cluster", "any", "what moves together: team, class, site, person"),
        Column("stratum", "any", "the block it was drawn in"),
    ),
    key=("unit_id",),
    time=None,
    open=True,
    summed=(),
)
