"""Price lists and tables of factors: read whole, pinned by digest, and never a blank for a nought."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from headway.aggregates.engine import Bound
from headway.kernel.identity import digest_bytes
from headway.portfolio.source import Source
from headway.sources import rate_file

Declared = Callable[..., Bound]
Fault = Callable[..., tuple[str, str]]

LIST = (
    "model,input_cost_per_token,output_cost_per_token,deprecation_date,source\nm,2.5e-06,,2026-09-30,a page\n"
)
# As LiteLLM writes it: an entry that explains the fields, numbers as JSON numbers, and much beside prices.
ENTRIES = {
    "sample_spec": {"input_cost_per_token": 0.0, "mode": "one of: chat, embedding"},
    "m": {
        "input_cost_per_token": 2.9999900000000002e-06,
        "output_cost_per_reasoning_token": 1e-05,
        "litellm_provider": "somebody",
        "search_context_cost_per_query": {"low": 0.03},
    },
    "free": {"input_cost_per_token": 0, "output_cost_per_token": 0},
    "odd": "no entry",
}


def rows(bound: Bound) -> list[dict[str, Any]]:
    """Every rate of a bound file, without its digest."""
    found: list[dict[str, Any]] = bound.opened.engine.fetch(bound.opened.table).to_pylist()
    return [{k: v for k, v in row.items() if k != "digest" and v not in (None, "")} for row in found]


def write(context: Any, text: str | bytes, name: str = "list.csv") -> str:
    """Write a file beside the declaration."""
    data = text.encode() if isinstance(text, str) else text
    (context.folder / name).write_bytes(data)
    return name


def prices(declared: Declared, name: str = "list.csv", **more: Any) -> Bound:
    """Bind a list of prices."""
    return declared(source="prices", kind="price_list", fact="rate", path=name, **more)


def test_a_row_becomes_a_price_for_each_kind_of_token(context: Any, declared: Declared) -> None:
    """A blank is a rate without a value; the day of deprecation is the last it does not hold on."""
    write(context, LIST)
    assert rows(prices(declared)) == [
        {
            "kind": "price", "key": "m", "unit": "tokens.input", "value": Decimal("2.5e-06"),
            "currency": "USD", "valid_to": date(2026, 9, 30), "source": "a page",
        },
        {
            "kind": "price", "key": "m", "unit": "tokens.output", "currency": "USD",
            "valid_to": date(2026, 9, 30), "source": "a page",
        },
    ]  # fmt: skip


def test_the_json_of_the_list_is_read_to_the_last_digit(context: Any, declared: Declared) -> None:
    """Numbers do not pass through a float, 0 is 0, and what explains the fields is no model."""
    write(context, json.dumps(ENTRIES), "list.json")
    found = {(r["key"], r["unit"]): r.get("value") for r in rows(prices(declared, "list.json"))}
    assert {key for key, _ in found} == {"m", "free"}
    assert found["m", "tokens.input"] == Decimal("2.9999900000000002e-06")
    assert found["m", "tokens.reasoning"] == Decimal("1e-05")
    assert found["m", "tokens.output"] is None
    assert found["free", "tokens.output"] == 0


def test_a_list_holds_from_the_day_it_was_taken(context: Any, declared: Declared) -> None:
    """`dated` is the first day of every row that names none."""
    write(context, LIST)
    assert {r["valid_from"] for r in rows(prices(declared, dated=date(2026, 1, 1)))} == {date(2026, 1, 1)}


def test_another_day_or_another_content_is_another_digest(context: Any, declared: Declared) -> None:
    """What is remembered of one is never taken for the other."""
    write(context, LIST)
    names = [prices(declared).digest, prices(declared, dated=date(2026, 1, 1)).digest]
    write(context, LIST.replace("2.5e-06", "2.6e-06"))
    assert len({*names, prices(declared).digest}) == 3


def test_a_pinned_list_that_changed_is_not_read(context: Any, declared: Declared, fault: Fault) -> None:
    """The digest may be written whole or by its first twelve digits."""
    write(context, LIST)
    pinned = digest_bytes(LIST.encode())
    assert rows(prices(declared, digest=pinned)) == rows(prices(declared, digest=pinned[:12]))
    write(context, LIST + "\n")
    settings = {
        "source": "prices",
        "kind": "price_list",
        "fact": "rate",
        "path": "list.csv",
        "digest": pinned,
    }
    code, said = fault(**settings)
    assert code == "HW352"
    assert f"its digest begins with {digest_bytes((LIST + chr(10)).encode())[:12]}" in said


@pytest.mark.parametrize(
    ("kind", "name", "text", "told"),
    [
        ("price_list", "none.csv", None, ("HW301", "cannot be read: No such file")),
        ("price_list", "list.csv", "a,b\n1,2\n", ("HW302", "has none of the columns of kind price_list")),
        ("price_list", "list.csv", "", ("HW302", "has none of the columns")),
        ("price_list", "list.csv", "model\na,b\n", ("HW302", "line 2 has 2 cells, the header 1")),
        ("price_list", "list.json", "[1]", ("HW302", "is no JSON object of models")),
        ("price_list", "list.json", "{", ("HW302", "Expecting property name")),
        ("price_list", "list.csv", b"\xff\xfe\x00", ("HW302", "can't decode")),
        (
            "carbon_factors",
            "list.csv",
            "a,b\n1,2\n",
            ("HW302", "has none of the columns of kind carbon_factors"),
        ),
    ],
)
def test_a_file_that_is_no_such_list_says_what_it_is(
    context: Any, fault: Fault, kind: str, name: str, text: str | bytes | None, told: tuple[str, str]
) -> None:
    """No traceback, and no half of a list."""
    if text is not None:
        write(context, text, name)
    found = fault(source="prices", kind=kind, fact="rate", path=name)
    assert found[0] == told[0]
    assert told[1] in found[1]


def test_a_file_larger_than_any_list_is_not_read(
    context: Any, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some other file was named."""
    monkeypatch.setattr(rate_file, "MOST_BYTES", 20)
    write(context, LIST)
    code, said = fault(source="prices", kind="price_list", fact="rate", path="list.csv")
    assert (code, said) == ("HW302", "'list.csv' is larger than 20 bytes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "iso_code,country_name,year,carbon_intensity\nDEU,Germany,2023,380.950\nXXX,Nowhere,n/a,\n",
            [("carbon", "DEU", "g/kWh", Decimal("380.95"), 2023), ("carbon", "XXX", "g/kWh", None, None)],
        ),
        (
            "provider,region,impact,PUE,PUE source\ngcp,asia-east1,557,1.12,a page\naws,us-east-1,379,,\n",
            [
                ("carbon", "gcp/asia-east1", "g/kWh", Decimal(557), None),
                ("pue", "gcp/asia-east1", "ratio", Decimal("1.12"), None),
                ("carbon", "aws/us-east-1", "g/kWh", Decimal(379), None),
            ],
        ),
        ("name,tdp_watts\nH100 SXM,700\n", [("power", "H100 SXM", "W", Decimal(700), None)]),
        ("Name,TDP\nodd,27.29.5\nbelow,-5\n", [("power", n, "W", None, None) for n in ("odd", "below")]),
    ],
)
def test_a_table_of_factors_is_known_by_its_header(
    context: Any, declared: Declared, text: str, expected: list[tuple[Any, ...]]
) -> None:
    """Countries, regions of clouds, and devices; what is no number of nought or more is not stated."""
    write(context, text, "table.csv")
    bound = declared(source="table", kind="carbon_factors", fact="rate", path="table.csv")
    told = [tuple(r.get(k) for k in ("kind", "key", "unit", "value", "year")) for r in rows(bound)]
    assert told == expected


def test_a_digest_that_cannot_be_one_is_found_in_the_file() -> None:
    """Before any list is read."""
    made = Source(source="prices", kind="price_list", path="list.csv", digest="abc")
    assert [f.code for f in made.faults()] == ["HW105"]
    assert made.fact == "rate"
    with pytest.raises(ValidationError):
        Source.model_validate({"source": "prices", "kind": "price_list", "path": "list.csv", "dated": "soon"})


def test_a_day_that_is_none_is_no_end(tmp_path: Path) -> None:
    """A list that writes `when a model ends` with words ends nothing."""
    assert (rate_file.day("soon"), rate_file.day(""), rate_file.day("2026-01-31")) == (
        None,
        None,
        date(2026, 1, 31),
    )
