"""A thing that initiatives use: a service, a model, a pool, a table."""

from __future__ import annotations

from pydantic import Field

from headway.portfolio.capacity import Capacity
from headway.portfolio.cost import ComponentCost
from headway.portfolio.values import Declared, Name, Text


class Component(Declared):
    """One entry of the catalogue, in the short form."""

    component: Name = Field(description="the name of the component", examples=["llm-gateway"])
    title: Text = Field("", description="one line for people")
    owner: Text | None = Field(None, description="who runs it, for display")
    type: Text = Field("service", description="service, model, dataset, pool ...")
    lifecycle: Text = Field("production", description="experimental, production or deprecated")
    depends_on: tuple[Text, ...] = Field((), description="the components it needs")
    provides: tuple[Text, ...] = Field((), description="the interfaces it offers")
    usage: Text | None = Field(
        None, description="the source of the fact `usage` that meters it", examples=["gpu-fleet"]
    )
    capacity: Capacity | None = Field(None, description="how its capacity is sized; absent: by the defaults")
    cost: ComponentCost = Field(ComponentCost(), description="what it costs, and who bears it")
