"""The source kind ``carbon_factors``: grid carbon, PUE and power of devices, from published tables.

A table is known by its header. Countries: ``iso_code, carbon_intensity, year``. Regions of clouds:
``provider, region, impact`` and where it stands ``PUE``. Devices: ``name, tdp_watts`` or ``Name, TDP``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headway.aggregates.engine import Bound
from headway.facts.rate import Rate
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.rate_file import Rows, amount, bind_rates, csv_rows

GRAMS = "g/kWh"
WATTS = "W"
RATIO = "ratio"
Row = Mapping[str, Any]


def bind_carbon_factors(declared: Source, context: Context) -> Bound:
    """Bind a table of factors.

    Raises:
        SourceFault: HW301 no file; HW302 too large; HW352 another content than the pinned one.
    """
    return bind_rates(declared, context, lambda text, _: csv_rows(text), factors)


def factors(rows: Rows) -> list[Rate]:
    """The rates of a table, each with its source and its year where they are told."""
    return [rate for row in rows for columns, make in _TABLES if columns <= row.keys() for rate in make(row)]


def _country(row: Row) -> list[Rate]:
    told = str(row["year"])
    year = int(told) if told.isdigit() else None
    return [
        Rate("carbon", row["iso_code"], GRAMS, amount(row["carbon_intensity"]), source=_from(row), year=year)
    ]


def _region(row: Row) -> list[Rate]:
    key = f"{row['provider']}/{row['region']}"
    found = [Rate("carbon", key, GRAMS, amount(row["impact"]), source=_from(row))]
    if row.get("PUE"):
        told = str(row.get("PUE source") or _from(row))
        found.append(Rate("pue", key, RATIO, amount(row["PUE"]), source=told))
    return found


def _device(name: str, watts: str) -> Callable[[Row], list[Rate]]:
    return lambda row: [Rate("power", row[name], WATTS, amount(row[watts]), source=_from(row))]


def _from(row: Row) -> str:
    return str(row.get("source") or row.get("country_name") or "")


_TABLES: tuple[tuple[frozenset[str], Callable[[Row], list[Rate]]], ...] = (
    (frozenset({"iso_code", "carbon_intensity", "year"}), _country),
    (frozenset({"provider", "region", "impact"}), _region),
    (frozenset({"name", "tdp_watts"}), _device("name", "tdp_watts")),
    (frozenset({"Name", "TDP"}), _device("Name", "TDP")),
)
