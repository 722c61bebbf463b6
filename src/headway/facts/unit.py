"""The fact ``unit``: one wide row per assigned unit, the common case of an experiment table."""

from __future__ import annotations

from headway.facts.base import Column, Fact

# In a table made of exposures: 1 where a unit met a second arm while it was watched, else empty.
CROSSED = "headway_crossed"
# Where rows are made one per unit: 1 where a unit has several rows, all of one arm, else empty.
REPEATED = "headway_repeated"

UNIT = Fact(
    name="unit",
    meaning="one row per assigned unit: its arm, its cluster, then its outcome and covariate columns",
    columns=(
        Column("unit_id", "any", "the unit that was assigned", required=True),
        Column("variant", "text", "the arm it was assigned to", required=True),
        Column("key", "text", "the pilot it belongs to, where one table holds several"),
        Column("cluster", "any", "what moves together: team, class, site, person"),
        Column("stratum", "any", "the block it was drawn in"),
        Column("assigned_at", "moment", "when it was assigned"),
        Column("closed_at", "moment", "when its window closed and the outcome is final"),
    ),
    key=("unit_id",),
    time="closed_at",
    open=True,
    summed=(
        Column("variant", "text", "the arm", required=True),
        Column("metric", "text", "the column that was summed", required=True),
        Column("n", "integer", "units", unit="units", required=True),
        Column("sum_x", "number", "sum of the metric", required=True),
        Column(
            "sum_xx", "number", "sum of its squares; empty where no variance was published", required=True
        ),
        Column("cluster", "any", "the cluster these units belong to"),
        Column("key", "text", "the pilot it belongs to"),
        Column("closed_at", "moment", "when the newest unit closed"),
    ),
)
