"""A table that headway may read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema, model_validator

from headway.portfolio import telemetry
from headway.portfolio.telemetry import ProfileName, UsageQuery, Watts
from headway.portfolio.values import Day, Declared, Duration, Fault, Flag, Location, Name, Text

# Versions of FOCUS Cost and Usage that are read, oldest first.
FOCUS_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
# One text may stand in the place of a list of one.
Texts = Annotated[
    tuple[Text, ...], WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}})
]
Basis = Literal["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]
# A format that can hold one fact only need not be told which.
FACT_OF_KIND = {
    "focus": "cost",
    "price_list": "rate",
    "carbon_factors": "rate",
    "prometheus": "usage",
    "opencost": "usage",
}

_LANDED = ("prometheus",)
_DIGEST = re.compile(r"^[0-9a-f]{12,64}$")
_NEEDS = {
    "file": ("path", "fact"),
    "sql": ("engine", "table", "fact"),
    "price_list": ("path",),
    "carbon_factors": ("path",),
    "prometheus": ("url",),
}


class Source(Declared):
    """Where rows come from, which fact they fill, and what their columns are called there."""

    source: Name = Field(description="the name of the source", examples=["reply-pilot"])
    kind: Text = Field("file", description="the kind of system: file, sql, focus, prometheus ...")
    path: Text | None = Field(
        None, description="files relative to this file; globs allowed", examples=["data/a.csv"]
    )
    fact: Text = Field("", description="the contract it fills: unit, cost, usage ...", examples=["unit"])
    columns: dict[str, Text] = Field({}, description="the fact's column to the name it has in the source")
    nullstr: Texts = Field((), description="text, or texts, that mean: no value", examples=["NULL"])
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
    digest: Text | None = Field(
        None, description="the SHA-256 that the file of a price list or of factors must have: it is pinned"
    )
    dated: Day | None = Field(
        None, description="the day on which a list of prices or factors was taken", examples=["2026-06-30"]
    )
    cost_basis: dict[str, Basis] = Field(
        {},
        description="of a FOCUS bill: provider to the column that its rows count with",
        examples=["{AWS: BilledCost}"],
    )
    summed: Flag = Field(default=False, description="whether the rows are sums already")
    cumulative: Flag = Field(
        default=False, description="whether each of these sums states all that was there by its `closed_at`"
    )
    url: Location | None = Field(
        None, description="where a monitoring system answers", examples=["${PROM_URL}"]
    )
    token: Location | None = Field(
        None, description="its bearer token, by name of an environment variable", examples=["${PROM_TOKEN}"]
    )
    profile: ProfileName | None = Field(None, description="whose metrics are read", examples=["dcgm"])
    queries: tuple[UsageQuery, ...] = Field((), description="expressions of your own, in place of a profile")
    step: Duration = Field(timedelta(minutes=5), description="the length of a bin")
    history: Duration = Field(timedelta(days=42), description="how far back is asked")
    since: Day | None = Field(None, description="the first day asked for, in place of `history`")
    lag: Duration = Field(timedelta(hours=1), description="after which a bin is complete")
    match: dict[str, Text] = Field({}, description="labels that every series has, such as namespace: ml")
    workload: tuple[Text, ...] = Field((), description="the labels that name a workload")
    holder: Text | None = Field(None, description="the label that names the initiative that holds it")
    watts: Watts = Field(Watts(), description="power of a device, read where no better signal is there")
    input_includes_cache: Flag = Field(
        default=True, description="whether input tokens count those that were read from the cache"
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

    @property
    def rows_include_cache(self) -> bool:
        """Whether the input tokens of its rows count the cache: what is landed is made so on its way in."""
        return self.input_includes_cache or self.kind in _LANDED

    def faults(self) -> Iterator[Fault]:
        """Settings that the kind of source needs and does not have, or cannot use."""
        needs = _NEEDS.get(self.kind, ())
        if self.kind == "focus":
            yield from self._focus_faults()
            needs = ("engine", "table") if not self.path and (self.engine or self.table) else ("path",)
        examples = {
            "url": "${PROM_URL}",
            "path": "data/claims.csv",
            "engine": "${WAREHOUSE_URL}",
            "table": "analytics.claims",
            "fact": "unit",
        }
        if self.digest is not None and not _DIGEST.match(self.digest):
            what = f"'{self.digest}' is no SHA-256; expected 12 to 64 of the digits 0 to 9 and a to f"
            yield Fault("HW105", ("digest",), what, "write what `sha256sum` prints for the file")
        if self.kind in ("prometheus", "opencost"):
            yield from telemetry.faults_of(self)
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
