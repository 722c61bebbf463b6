"""A change to the operating model: which gates hold, and how strictly."""

from __future__ import annotations

from pydantic import Field

from headway.portfolio.adoption import Adoption
from headway.portfolio.settings import Mode
from headway.portfolio.values import Declared, Text, VersionedName


class OperatingModelChange(Declared):
    """An operating model of the house's own, told as changes to another."""

    operating_model: VersionedName = Field(
        description="name and version of this model", examples=["harbour@2"]
    )
    extends: VersionedName = Field(description="the model that is taken over", examples=["standard@1"])
    title: Text = Field("", description="one line for people")
    mode: Mode | None = Field(
        None, description="the ceiling for every gate; default: that of the model taken over"
    )
    set: dict[str, dict[str, object]] = Field(
        {}, description="requirement id to the settings that change in it"
    )
    drop: tuple[Text, ...] = Field((), description="ids of requirements that do not hold here")
    add: tuple[dict[str, object], ...] = Field((), description="requirements that hold here in addition")
    adopt: tuple[Adoption, ...] = Field(
        (), description="requirements of another model that hold here from a day on, stricter step by step"
    )
