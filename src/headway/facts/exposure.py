"""The fact ``exposure``: who was shown which arm, and when; what a flag engine's evaluation events fill."""

from __future__ import annotations

from headway.facts.base import Column, Fact

EXPOSURE = Fact(
    name="exposure",
    meaning="one evaluation of a flag: a unit was shown an arm; its first one is its assignment",
    columns=(
        Column("key", "text", "the pilot: OpenFeature's feature_flag.key", required=True),
        Column("unit_id", "any", "the unit: OpenFeature's feature_flag.context.id", required=True),
        Column("variant", "text", "the arm: OpenFeature's feature_flag.result.variant", required=True),
        Column("ts", "moment", "when it was shown", required=True),
        Column("cluster", "any", "what moves together: team, class, site, person"),
        Column("set_id", "text", "the set of flags it was evaluated in"),
        Column("version", "text", "the version of the flag"),
        Column("reason", "text", "why this arm was given"),
    ),
    key=("key", "unit_id", "ts"),
    time="ts",
    open=True,
    summed=(),
)
