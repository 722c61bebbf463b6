"""A requirement taken over from another operating model, with the dates from which it is stricter."""

from __future__ import annotations

from pydantic import Field

from headway.portfolio.values import Day, Declared, Text, VersionedName


class Adoption(Declared):
    """One adopted requirement. Before its first date it does not hold; a date left out never comes."""

    row: Text = Field(description="the id of the requirement", examples=["scale.spend.waste"])
    model: VersionedName = Field(
        alias="from", description="the operating model it is taken from", examples=["standard@1"]
    )
    observe: Day = Field(description="the day from which it is judged and shown")
    warn: Day | None = Field(None, description="the day from which it warns")
    block: Day | None = Field(None, description="the day from which it can fail a gate")
