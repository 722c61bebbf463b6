"""What one outcome costs, what tokens and energy cost, and how a return is reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from headway.portfolio.values import Count, Declared, Fault, Money, Number, Rate, Share, Text, TripleT

Tokens = Literal["tokens.input", "tokens.output", "tokens.cache_read", "tokens.cache_write"]
# What an idle device draws of its design power. An assumption, printed wherever it is used.
IDLE_SHARE = 0.15


class SelfHosted(Declared):
    """What serving the same tokens with devices of one's own would cost."""

    device_hour: Money = Field(description="what one device costs an hour", examples=["2.50 USD"])
    devices: Count = Field(1, description="how many would be held to serve the load as it is")


class TokenPrices(Declared):
    """The model that a component calls, and where the prices of its tokens stand."""

    model: Text = Field(description="its name in the price lists", examples=["gpt-4o"])
    prices: tuple[Text, ...] = Field(
        description="sources of the fact rate: contract prices go before lists", examples=["[model-prices]"]
    )
    metered: dict[Tokens, Text] = Field(
        {},
        description="kind of token to the SkuId that bills it: the bill's own unit price goes before lists",
        examples=["{tokens.input: gpt-4o-input}"],
    )
    self_hosted: SelfHosted | None = Field(None, description="to be compared with devices of one's own")


class Embodied(Declared):
    """What was emitted before a device was ever used."""

    kilograms: Number = Field(description="kg of CO2e for one device", examples=["150"])
    years: Number = Field(description="how long a device is used", examples=["4"])


class Energy(Declared):
    """How the energy of a component becomes kWh, and these become carbon."""

    device: Text | None = Field(
        None, description="its name in a table of powers, where no meter counts energy", examples=["H100 SXM"]
    )
    watts: Number | None = Field(None, description="its design power, where no table names it")
    idle: Share = Field(IDLE_SHARE, description="the share of its power that it draws idle: an assumption")
    pue: Number = Field(1.0, description="what the building draws for each kWh of the devices")
    grid: Text | None = Field(
        None, description="its grid in a table of factors: a country, or provider/region", examples=["DEU"]
    )
    factors: tuple[Text, ...] = Field(
        (), description="sources of the fact rate; where two disagree the first one holds, and both are shown"
    )
    embodied: Embodied | None = Field(None, description="what making the devices emitted")


class UnitCost(Declared):
    """What one outcome may cost, and what counts the outcomes."""

    per: Text = Field(description="the outcome that is counted", examples=["claim"])
    source: Text = Field(description="the source of the fact series that counts it", examples=["claims"])
    metric: Text = Field(description="its name in that series", examples=["settled"])
    target: Money | None = Field(None, description="what one may cost", examples=["1.50 EUR"])
    volume: Rate | None = Field(None, description="how many are planned", examples=["20000 per month"])


class Returns(Declared):
    """How the return is reckoned beyond a year: years, discount, what is spent first, who takes it up."""

    years: Count = Field(1, description="over how many years")
    discount: Share = Field(0.0, description="what a later year is worth less", examples=["8 %"])
    investment: Money | None = Field(None, description="what is spent before the first year")
    adoption: TripleT | None = Field(
        None,
        description="the part of those it is for that will use it: P10, P50, P90, for each year the same",
        examples=['"[0.4, 0.6, 0.8]"'],
    )
    users: Text | None = Field(
        None, description="the source of the fact series that counts who uses it, in place of `adoption`"
    )
    metric: Text = Field("users", description="its name in that series")
    eligible: Count | None = Field(None, description="how many it is for")

    def faults(self) -> Iterator[Fault]:
        """What contradicts itself."""
        if self.years < 1:
            yield Fault("HW105", ("years",), f"'years' is {self.years}", "write a number of 1 or more")
        if self.users and (self.adoption or not self.eligible):
            what = "'users' needs 'eligible', and stands in place of 'adoption'"
            yield Fault(
                "HW105", ("users",), what, "say how many it is for under `eligible`, and drop `adoption`"
            )
        ends = (self.adoption.low, self.adoption.high) if self.adoption else (0, 1)
        if not 0 <= ends[0] <= ends[1] <= 1:
            yield Fault("HW105", ("adoption",), "a part of all is from 0 to 1", 'write "[0.4, 0.6, 0.8]"')
