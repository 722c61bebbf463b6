"""The source kind ``price_list``: what models cost per token, from LiteLLM's list as JSON or as CSV.

The list is kept by a community: check a price against its provider before money rests on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from headway.aggregates.engine import Bound
from headway.facts.rate import Rate
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.rate_file import Rows, amount, bind_rates, csv_rows, day

# The list's column to what a price is per: the resource of the fact usage that it prices.
PRICES = {
    "input_cost_per_token": "tokens.input",
    "output_cost_per_token": "tokens.output",
    "cache_read_input_token_cost": "tokens.cache_read",
    "cache_creation_input_token_cost": "tokens.cache_write",
    "output_cost_per_reasoning_token": "tokens.reasoning",
    "input_cost_per_token_batches": "tokens.input.batch",
    "output_cost_per_token_batches": "tokens.output.batch",
}
# An entry of the JSON that explains its fields, and prices nothing.
_EXPLAINS = "sample_spec"
CURRENCY = "USD"


def bind_price_list(declared: Source, context: Context) -> Bound:
    """Bind a list of prices.

    Raises:
        SourceFault: HW301 no file; HW302 too large; HW352 another content than the pinned one.
    """
    return bind_rates(declared, context, _parse, prices)


def prices(rows: Rows) -> list[Rate]:
    """A price per model and kind of token; a blank cell becomes a rate without a value, never 0."""
    found = []
    for row in rows:
        about: dict[str, Any] = {
            "valid_to": day(row.get("deprecation_date")),
            "source": str(row.get("source") or row.get("litellm_provider") or ""),
        }
        found += [
            Rate("price", str(row["model"]), unit, amount(row[column]), CURRENCY, **about)
            for column, unit in PRICES.items()
            if column in row
        ]
    return found


def _parse(text: str, suffix: str) -> Rows:
    if suffix != ".json":
        rows = csv_rows(text)
        return rows if rows and "model" in rows[0] else []
    told = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(told, Mapping):
        message = "the list is no JSON object of models"
        raise TypeError(message)
    return [
        {**dict.fromkeys(PRICES), **entry, "model": model}
        for model, entry in told.items()
        if model != _EXPLAINS and isinstance(entry, Mapping)
    ]
