"""The fact ``series``: values of a metric as they happen, per unit and moment."""

from __future__ import annotations

from headway.facts.base import Column, Fact

SERIES = Fact(
    name="series",
    meaning="one value of one metric of one unit at one moment",
    columns=(
        Column("metric", "text", "what was measured", required=True),
        Column("unit_id", "any", "the unit it belongs to", required=True),
        Column("ts", "moment", "when it happened", required=True),
        Column("value", "number", "the value, in the metric's unit", required=True),
    ),
    key=("metric", "unit_id", "ts"),
    time="ts",
    open=False,
    summed=(),
)
