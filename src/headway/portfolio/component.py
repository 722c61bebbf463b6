"""A thing that initiatives use: a service, a model, a pool, a table."""

from __future__ import annotations

from pydantic import Field

from headway.portfolio.capacity import Capacity
from headway.portfolio.cost import ComponentCost
from headway.portfolio.economics import Energy, TokenPrices
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
    tokens: TokenPrices | None = Field(
        None,
        description="the model that it calls and its prices",
        examples=["{model: gpt-4o, prices: [list]}"],
    )
    energy: Energy | None = Field(None, description="how its use becomes kWh and carbon")

    @property
    def rates(self) -> tuple[str, ...]:
        """The sources of prices, power and carbon that it names."""
        prices = self.tokens.prices if self.tokens else ()
        return (*prices, *(self.energy.factors if self.energy else ()))
