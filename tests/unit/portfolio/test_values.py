"""Values are read as their kind or refused with an example."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from headway.kernel.money import Money as Amount
from headway.kernel.window import Window
from headway.portfolio import values
from headway.portfolio.values import Triple


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        (values.Money, "1200.50 EUR", Amount(Decimal("1200.50"), "EUR")),
        (values.Share, "12 %", 0.12),
        (values.Share, "0.12", 0.12),
        (values.Figure, "-19 %", -0.19),
        (values.Change, "-10 %", "-10 %"),
        (values.Number, "1.5e3", 1500.0),
        (values.Count, "2400", 2400),
        (values.Flag, "yes", True),
        (values.Flag, "no", False),
        (values.Day, "2026-03-31", date(2026, 3, 31)),
        (values.Duration, "30d", timedelta(days=30)),
        (values.WindowT, "2026-01-01/2026-02-01", Window(date(2026, 1, 1), date(2026, 2, 1))),
        (values.Name, "reply-assistant-2", "reply-assistant-2"),
        (values.VersionedName, "harbour@2", "harbour@2"),
        (values.Location, "${WAREHOUSE_URL}", "${WAREHOUSE_URL}"),
        (values.TripleT, "[31, 38, 45] EUR", Triple(Decimal(31), Decimal(38), Decimal(45), "EUR")),
        (
            values.TripleT,
            ["31 EUR", "38 EUR", "45 EUR"],
            Triple(Decimal(31), Decimal(38), Decimal(45), "EUR"),
        ),
        (values.TripleT, ["-1", "0", "2.5"], Triple(Decimal(-1), Decimal(0), Decimal("2.5"), None)),
    ],
)
def test_a_text_is_read_as_its_kind(kind: Any, text: object, read: object) -> None:
    """A value as the manual writes it becomes the record the code works with; so does the record."""
    reader: TypeAdapter[object] = TypeAdapter(kind)
    assert reader.validate_python(text) == read
    assert reader.validate_python(read) == read


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (values.Money, "1200.50"),
        (values.Money, "12 eur"),
        (values.Money, ["12 EUR"]),
        (values.Share, "120 %"),
        (values.Share, "-1 %"),
        (values.Share, "nan"),
        (values.Figure, "inf"),
        (values.Figure, "much"),
        (values.Number, "nan"),
        (values.Number, "1e999"),
        (values.Number, "1,5"),
        (values.Count, "-1"),
        (values.Count, "2.5"),
        (values.Count, True),
        (values.Flag, "off"),
        (values.Day, "31.03.2026"),
        (values.Duration, "1 month"),
        (values.WindowT, "2026-02-01/2026-01-01"),
        (values.Name, "Reply Assistant"),
        (values.Name, "reply--assistant"),
        (values.VersionedName, "harbour"),
        (values.Location, "postgresql://ann:s3cret@db/claims"),
        (values.TripleT, "[31, 38] EUR"),
        (values.TripleT, "[45, 38, 31] EUR"),
        (values.TripleT, ["31 EUR", "38 USD", "45 EUR"]),
        (values.TripleT, {"low": "1"}),
        (values.TripleT, "31, 38, 45"),
    ],
)
def test_anything_else_is_refused_with_an_example(kind: Any, wrong: object) -> None:
    """What cannot be read says what was expected, and shows one that can."""
    reader: TypeAdapter[object] = TypeAdapter(kind)
    with pytest.raises(ValidationError) as refused:
        reader.validate_python(wrong)
    (error,) = refused.value.errors()
    assert error["type"] == "headway"
    reader.validate_python(error["ctx"]["example"].strip('"'))


def test_a_triple_is_written_as_it_is_read() -> None:
    """Text and record say the same."""
    for text in ("[31, 38, 45] EUR", "[0.1, 0.2, 0.3]"):
        assert str(Triple.parse(text)) == text
