"""A table that headway may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from headway.portfolio.values import Declared, Fault, Flag, Location, Name, Text

# A format that can hold one fact only need not be told which.
FACT_OF_KIND = {"focus": "cost"}
# Versions of FOCUS Cost and Usage that are read, oldest first.
FOCUS_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
Basis = Literal["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]
_NEEDS = {"file": ("path", "fact"), "sql": ("engine", "table", "fact")}


class Source(Declared):
    """Where rows come from, which fact they fill, and what their columns are called there."""

    source: Name = Field(description="the name of the source", examples=["reply-pilot"])
    kind: Text = Field("file", description="the kind of system: file, sql or focus")
    path: Text | None = Field(
        None, description="files relative to this file; globs allowed", examples=["data/a.csv"]
    )
    fact: Text = Field("", description="the contract it fills: unit, cost, usage ...", examples=["unit"])
    columns: dict[str, Text] = Field({}, description="the fact's column to the name it has in the source")
    nullstr: tuple[Text, ...] = Field(
        (), description="text, or texts, that mean: no value", examples=["NULL"]
    )
    sql: Text | None = Field(None, description="one SELECT over the table `file`; part of the digest")
    engine: Location | None = Field(
        None, description="the connection, by name of an environment variable", examples=["${WAREHOUSE_URL}"]
    )
    table: Text | None = Field(
        None, description="the table in the engine", examples=["analytics.reply_pilot"]
    )
    watermark: Text | None = Field(
        None, description="the column whose newest value tells that the table changed"
    )
    version: Text | None = Field(None, description="the version of the format, where it has several")
    cost_basis: dict[str, Basis] = Field(
        {},
        description="of a FOCUS bill: provider to the column that its rows count with",
        examples=["{AWS: BilledCost}"],
    )
    summed: Flag = Field(default=False, description="whether the rows are sums already")
    cumulative: Flag = Field(
        default=False, description="whether each of these sums states all that was there by its `closed_at`"
    )
    citation: Text = Field("", description="the publication the rows come from")
    licence: Text = Field("", description="the licence of the rows")
    title: Text = Field("", description="one line for people")

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        """The fact that a kind can fill alone, and one text in the place of a list of one."""
        if not isinstance(data, dict):
            return data
        if not data.get("fact") and data.get("kind") in FACT_OF_KIND:
            data = {**data, "fact": FACT_OF_KIND[data["kind"]]}
        if isinstance(data.get("nullstr"), str):
            data = {**data, "nullstr": [data["nullstr"]]}
        return data

    def faults(self) -> Iterator[Fault]:
        """Settings that the kind of source needs and does not have, or cannot use."""
        needs = _NEEDS.get(self.kind, ())
        if self.kind == "focus":
            yield from self._focus_faults()
            needs = ("engine", "table") if self.engine or self.table else ("path",)
        examples = {
            "path": "data/claims.csv",
            "engine": "${WAREHOUSE_URL}",
            "table": "analytics.claims",
            "fact": "unit",
        }
        if self.cumulative and not self.summed:
            what = "'cumulative: yes' without 'summed: yes': only sums can be snapshots"
            yield Fault("HW438", ("cumulative",), what, "add summed: yes, or drop `cumulative`")
        for key in needs:
            if not getattr(self, key):
                what = f"'{key}' is absent or empty; a source of kind '{self.kind}' needs it"
                yield Fault("HW104", (key,), what, f"add {key}: {examples[key]}")

    def _focus_faults(self) -> Iterator[Fault]:
        if self.version is not None and self.version not in FOCUS_VERSIONS:
            what = f"FOCUS has no version '{self.version}' that this headway reads"
            mend = f"write one of {', '.join(FOCUS_VERSIONS)}, or drop `version`: it is told by the columns"
            yield Fault("HW340", ("version",), what, mend)
        if self.path and self.engine:
            what = "'path' and 'engine' are both given: a bill lies in files or in a table"
            yield Fault("HW104", ("path",), what, "drop one of the two")
        if self.fact != FACT_OF_KIND["focus"]:
            what = f"a source of kind 'focus' fills the fact cost, not {self.fact}"
            yield Fault("HW308", ("fact",), what, "drop `fact`")
