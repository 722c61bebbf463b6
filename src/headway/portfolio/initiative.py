"""An initiative: the problem it is for, the outcome it moves, and who answers for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticKnownError

from headway.kernel.codes import CODES
from headway.portfolio.cost import Cost
from headway.portfolio.economics import Returns, UnitCost
from headway.portfolio.pilot import Pilot
from headway.portfolio.values import Declared, Fault, Name, Rate, Text, TripleT

Stage = Literal["proposed", "framed", "piloting", "scaling", "operating", "retired"]
Status = Literal["active", "on-hold", "rejected"]
Tier = Literal["prohibited", "high", "limited", "minimal"]
# From the pilot on an initiative is for a problem, moves an outcome and has somebody who answers for it.
# Before, what is not known yet is a gap that the gate names; afterwards it no longer matters.
_ASKED_IN: tuple[Stage, ...] = ("piloting", "scaling", "operating")
_ASKED = ("problem", "outcome", "accountable")
_CODED = re.compile(r"^(HW\d{3})\s*:\s*(.+)$", re.DOTALL)


class Risk(Declared):
    """How risky the use is, and why."""

    eu_ai_act: Tier | None = Field(None, description="the tier of the EU AI Act; absent while undecided")
    reason: Text = Field("", description="why it is that tier")


class Forecast(Declared):
    """What was promised; it is scored later."""

    line: Text = Field(description="the P&L line", examples=["claims-handling-cost"])
    per_year: TripleT = Field(
        description="P10, P50 and P90 of a year's gain", examples=['"[120000, 310000, 520000] EUR"']
    )


class Training(Declared):
    """Who must learn what."""

    roles: tuple[Text, ...] = Field((), description="the roles affected")
    course: Text = Field("", description="the course they take")


class Allowance(Declared):
    """A finding that is kept on purpose."""

    code: Text | None = Field(None, description="the finding; absent: every warning about the problem")
    reason: Text = Field(description="why it is kept", examples=["the customer is the team that runs it"])

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: object) -> object:
        if isinstance(data, str):
            coded = _CODED.match(data.strip())
            return {"code": coded[1], "reason": coded[2]} if coded else {"reason": data}
        return data


_ALLOWANCE_FORMS: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "code": {"type": "string", "pattern": r"^HW\d{3}$", "description": "the finding"},
                "reason": {"type": "string", "description": "why it is kept"},
            },
            "required": ["reason"],
            "additionalProperties": False,
        },
        {"type": "string", "examples": ["HW151: the customer is the team that runs it"]},
    ]
}


class Initiative(Declared):
    """What is being done, for which problem, and who answers for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"stage": {"enum": list(_ASKED_IN)}}, "required": ["stage"]},
            "then": {"required": list(_ASKED)},
        }
    )

    initiative: Name = Field(description="the name of the initiative", examples=["reply-assistant"])
    title: Text = Field("", description="one line for people")
    # Read before what depends on it.
    stage: Stage = Field("proposed", description="what is claimed; the ledger says what was decided")
    stage_claimed: Stage | None = Field(
        None, description="a later stage that a list claimed, before what it needs is declared"
    )
    problem: Text = Field(
        "",
        validate_default=True,
        description="who is hurt, what they lose, and by what measure; not the tool",
        examples=["agents retype twenty requests a day; one claim in five is reopened"],
    )
    customer: Text | None = Field(None, description="who has the problem; default: the outcome's customer")
    outcome: Text = Field(
        "",
        validate_default=True,
        description="the outcome it moves",
        examples=["claims-settled-first-time"],
    )
    accountable: Text = Field(
        "",
        validate_default=True,
        description="the one person or seat that answers for it",
        examples=["head-of-claims"],
    )
    sponsor: Text | None = Field(None, description="who pays; another human than the accountable")
    finance_partner: Text | None = Field(None, description="who attests the money")
    risk_manager: Text | None = Field(None, description="who holds the second key")
    status: Status = Field("active", description="whether it goes on: apart from the stage")
    class_: Text | None = Field(
        None, alias="class", description="the class of initiatives it is compared with"
    )
    risk: Risk = Field(Risk(), description="the risk tier and its reason")
    uses: tuple[Text, ...] = Field((), description="the components it uses")
    cost: Cost = Field(Cost(), description="what it costs")
    unit_cost: UnitCost | None = Field(None, description="what one outcome costs, and what it may cost")
    returns: Returns | None = Field(None, description="how its return is reckoned; absent: over one year")
    forecast: Forecast | None = Field(None, description="what was promised for a year")
    cost_of_delay: Rate | None = Field(None, description="what waiting costs", examples=["4000 EUR per week"])
    pilot: Pilot | None = Field(None, description="the comparison that shall tell whether it works")
    training: Training | None = Field(None, description="who must learn what")
    allow: tuple[Annotated[Allowance, WithJsonSchema(_ALLOWANCE_FORMS)], ...] = Field(
        (), description="findings kept on purpose, each with a reason"
    )
    links: tuple[Text, ...] = Field((), description="addresses of further documents")
    notes: Text = Field("", description="anything else")

    @field_validator(*_ASKED)
    @classmethod
    def _there_from_the_pilot_on(cls, found: str, info: ValidationInfo) -> str:
        if not found and info.data.get("stage") in _ASKED_IN:
            raise PydanticKnownError("missing")
        return found

    @property
    def live(self) -> bool:
        """Whether it goes on: neither rejected nor retired."""
        return self.status != "rejected" and self.stage != "retired"

    @property
    def counts(self) -> tuple[str, ...]:
        """The sources that count its outcomes and its users."""
        users = self.returns.users if self.returns else None
        return (*([self.unit_cost.source] if self.unit_cost else ()), *([users] if users else ()))

    def faults(self) -> Iterator[Fault]:
        """Faults of the pilot, and parts that contradict each other."""
        for fault in self.pilot.faults() if self.pilot else ():
            yield Fault(fault.code, ("pilot", *fault.path), fault.what, fault.mend)
        for fault in self.returns.faults() if self.returns else ():
            yield Fault(fault.code, ("returns", *fault.path), fault.what, fault.mend)
        if self.pilot and self.pilot.asks and self.pilot.asks.amount < 0:
            what = f"the pilot asks for {self.pilot.asks}"
            yield Fault("HW105", ("pilot", "asks"), what, "write the money it asks for, or leave it out")
        for index, selector in enumerate(self.cost.select):
            if (selector.tag is None) == (selector.column is None):
                what = "a cost selector names either a tag or a column"
                yield Fault("HW105", ("cost", "select", index), what, "write {tag: {application: replies}}")
        for index, kept in enumerate(self.allow):
            if kept.code is not None and (kept.code not in CODES or CODES[kept.code].severity != "warning"):
                what = f"'{kept.code}' cannot be allowed: only a warning can"
                yield Fault(
                    "HW105", ("allow", index), what, "mend what the code says, and take this entry away"
                )


def derived_name(initiative: str) -> str:
    """What the table of a pilot is called that is made of several sources; no declared name has blanks.

    >>> derived_name("reply-assistant")
    'pilot of reply-assistant'
    """
    return f"pilot of {initiative}"
