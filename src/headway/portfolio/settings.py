"""portfolio.yaml: what holds for the whole portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from headway.kernel.clock import parse_as_of
from headway.kernel.quantity import parse_share
from headway.portfolio.adoption import Adoption
from headway.portfolio.values import (
    Change,
    Count,
    Declared,
    Duration,
    Fault,
    Location,
    Money,
    Name,
    Share,
    Text,
    VersionedName,
    refuse,
)

FORMAT = 1
Mode = Literal["observe", "warn", "block"]


def _format(found: object) -> int:
    if str(found).strip() != str(FORMAT):
        raise refuse("version 1 of the file format", "1", "HW111")
    return FORMAT


def _currency(found: object) -> str:
    if not isinstance(found, str) or len(found) != len("EUR") or not (found.isalpha() and found.isupper()):
        raise refuse("a currency of three capitals", "EUR")
    return found


def _zone(found: object) -> str:
    if not isinstance(found, str):
        raise refuse("a time zone", "Europe/Berlin")
    try:
        ZoneInfo(found)
    except (KeyError, ValueError, OSError):
        raise refuse("a time zone by its IANA name", "Europe/Berlin") from None
    return found


class OperatingModelUse(Declared):
    """Which gates are in force, and what this portfolio changes in them."""

    extends: VersionedName = Field("starter@1", description="the operating model that is taken over")
    mode: Mode | None = Field(
        None, description="the ceiling for every gate: observe, warn or block; default: that of the model"
    )
    set: dict[str, dict[str, object]] = Field(
        {}, description="requirement id to the settings that change in it"
    )
    drop: tuple[Text, ...] = Field((), description="ids of requirements that do not hold here")
    add: tuple[dict[str, object], ...] = Field((), description="requirements that hold here in addition")
    adopt: tuple[Adoption, ...] = Field(
        (), description="requirements of another model that hold here from a day on, stricter step by step"
    )


class PromotionBudget(Declared):
    """How many of the promoted initiatives may be false promotions."""

    share: Share = Field(0.1, description="the share of promotions, or of promoted money, that may be false")
    of: Literal["initiatives", "money"] = Field(
        "initiatives", description="what the share is counted in: initiatives, or the money they ask for"
    )
    slots: Count | None = Field(None, description="how many pilots may ask for promotion in the year")
    envelope: Money | None = Field(None, description="the money that promotions may release in the year")
    year: Count | None = Field(
        None, description="the year in which the budget holds; default: that of the moment judged"
    )

    def faults(self) -> Iterator[Fault]:
        """Terms under which nobody could ever be accepted, or everybody."""
        if not 0 < self.share < 1:
            what = f"'share' is {self.share * 100:g} %: nothing could be promised by it"
            yield Fault("HW105", ("share",), what, "write a share between 0 % and 100 %, such as 10 %")
        if self.slots == 0:
            mend = "write how many pilots will ask, such as 20"
            yield Fault("HW105", ("slots",), "'slots' is 0: nobody could ask", mend)
        if self.envelope and self.envelope.amount <= 0:
            mend = "write the money of the year, such as 12000000 EUR"
            yield Fault("HW105", ("envelope",), f"'envelope' is {self.envelope}: it holds nothing", mend)
        if self.of == "money" and self.envelope is None:
            what = "the share is one of money, and no 'envelope' says of how much"
            yield Fault("HW105", ("of",), what, "add envelope: 12000000 EUR, or write of: initiatives")


class Prior(Declared):
    """What effects usually are, where too few were measured to tell."""

    mean: Change = Field(description="the usual relative change, good direction positive", examples=["1 %"])
    sd: Change = Field(description="how far effects lie apart, as a standard deviation", examples=["3 %"])

    def faults(self) -> Iterator[Fault]:
        """A spread of nought or below: it would leave nothing of any effect."""
        if parse_share(self.sd) <= 0:
            what = f"'sd' is '{self.sd}'; effects that never differ need no measuring"
            yield Fault("HW105", ("sd",), what, "write how far effects usually lie apart, such as 3 %")


class LedgerSettings(Declared):
    """Where the ledger's head is kept."""

    head: Text = Field(
        "ledger.head", description="the committed file with size and head digest of the ledger"
    )


class Lexicon(Declared):
    """Words of this portfolio beside those that headway brings."""

    tool_words: tuple[Text, ...] = Field((), description="names of tools that a problem should not name")


class PortfolioSettings(Declared):
    """What holds for the whole portfolio: its name, currency, days and operating model."""

    headway: Annotated[int, PlainValidator(_format), WithJsonSchema({"enum": [1, "1"], "examples": [1]})] = (
        Field(description="the version of the file format")
    )
    portfolio: Name = Field(description="the name of the portfolio")
    title: Text = Field("", description="one line for people")
    currency: Annotated[
        str,
        PlainValidator(_currency),
        WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]}),
    ] = Field(description="the currency of all totals")
    time_zone: Annotated[
        str, PlainValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})
    ] = Field(description="where days, months and expiries are cut")
    exchange_rates: Text | None = Field(
        None,
        description="a CSV file of date, currency and rate: what one unit is worth in `currency`",
        examples=["data/fx.csv"],
    )
    operating_model: OperatingModelUse = Field(OperatingModelUse(), description="the gates in force")
    promotion_budget: PromotionBudget | None = Field(
        None, description="what false promotions may cost in a year"
    )
    prior: Prior | None = Field(
        None, description="what effects usually are, until ten were measured; used to shrink new ones"
    )
    north_star: Text | None = Field(None, description="the outcome that leads all others")
    store: Location = Field(
        ".headway", description="the folder of the store, or ${NAME} of a PostgreSQL address"
    )
    retention: Duration = Field(
        timedelta(days=90),
        description="how long what saves time may lie unused before `headway purge` removes it",
        examples=["90d"],
    )
    ledger: LedgerSettings = Field(LedgerSettings(), description="where the ledger's head is kept")
    as_of: Text | None = Field(None, description="the moment of the review, in examples; else the clock")
    lexicon: Lexicon = Field(Lexicon(), description="this portfolio's own words")

    @property
    def moment(self) -> datetime | None:
        """`as_of` as a moment; a bare date is its last instant in the time zone."""
        return None if self.as_of is None else parse_as_of(self.as_of, self.time_zone)

    def faults(self) -> Iterator[Fault]:
        """An `as_of` that is no moment, which the time zone must tell; faults of the parts."""
        try:
            _ = self.moment
        except ValueError:
            what = f"'as_of' is '{self.as_of}'; expected a date or a moment"
            yield Fault("HW105", ("as_of",), what, "write it as 2026-03-31 or 2026-03-31T12:00:00Z")
        parts = {"prior": self.prior, "promotion_budget": self.promotion_budget}
        for name, part in parts.items():
            for fault in part.faults() if part else ():
                yield Fault(fault.code, (name, *fault.path), fault.what, fault.mend)
