"""The kinds of value a file may hold: each reads text strictly and says what it expects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from headway.kernel import money, quantity, window
from headway.kernel.errors import scrub
from headway.kernel.quantity import parse_duration, parse_exact_share, parse_share, show_duration

T = TypeVar("T")
BLANK = frozenset({"", "~", "null"})
_LONGEST_BLANK = max(map(len, BLANK))
NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
VERSIONED = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*@[1-9][0-9]*$")
_TRIPLE = re.compile(r"^\[([^\[\]]*)\]\s*([A-Z]{3})?$")
_NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")


class Declared(BaseModel):
    """A mapping in a file: no key but those named here, nothing altered later, blank means absent."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: object) -> object:
        # A blank under a key that no document has stays, so that the key is still reported.
        if not isinstance(data, dict):
            return data
        # A portfolio has a million values, and hardly one is blank: most are told by length and ends alone.
        for value in data.values():
            if type(value) is not str:
                continue
            short = len(value) <= _LONGEST_BLANK
            if (short or value[0].isspace() or value[-1].isspace()) and value.strip() in BLANK:
                break
        else:
            return data
        blank = [k for k, v in data.items() if isinstance(v, str) and v.strip() in BLANK]
        if not blank:
            return data
        known = {name for key, f in cls.model_fields.items() for name in (key, f.alias)}
        return {k: v for k, v in data.items() if k not in blank or k not in known}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong between the keys of one document: a code, the path of the culprit, and the mend."""

    code: str
    path: tuple[str | int, ...]
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Triple:
    """Three amounts, low to high: P10, P50 and P90 of what is forecast.

    >>> Triple.parse("[31, 38, 45] EUR").mid
    Decimal('38')
    """

    low: Decimal
    mid: Decimal
    high: Decimal
    currency: str | None = None

    @classmethod
    def parse(cls, found: object) -> Triple:
        """Read ``"[31, 38, 45] EUR"`` or a list of three amounts with or without a currency.

        Raises:
            ValueError: not three amounts of one currency, or not from low to high.
        """
        if isinstance(found, str):
            whole = _TRIPLE.match(found.strip())
            if not whole:
                raise ValueError(found)
            found = [f"{part.strip()} {whole[2] or ''}" for part in whole[1].split(",")]
        if not isinstance(found, list | tuple) or len(found) != len(("low", "mid", "high")):
            raise ValueError(found)
        amounts = [_amount(str(part)) for part in found]
        low, mid, high = (amount for amount, _ in amounts)
        if len({currency for _, currency in amounts}) > 1 or not low <= mid <= high:
            raise ValueError(found)
        return cls(low, mid, high, amounts[0][1])

    def __str__(self) -> str:
        unit = f" {self.currency}" if self.currency else ""
        return f"[{self.low:f}, {self.mid:f}, {self.high:f}]{unit}"


def _amount(text: str) -> tuple[Decimal, str | None]:
    head, _, currency = text.strip().partition(" ")
    if currency.strip():
        read = money.Money.parse(text)
        return read.amount, read.currency
    return _decimal(head), None


def _decimal(text: str) -> Decimal:
    if not _NUMBER.match(text.strip()):
        raise ValueError(text)
    return Decimal(text.strip())


def _number(text: str) -> float:
    found = float(_decimal(text))
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text.strip()):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    answers = {"yes": True, "true": True, "no": False, "false": False}
    if text.strip().lower() not in answers:
        raise ValueError(text)
    return answers[text.strip().lower()]


def _share(text: str) -> float:
    share = parse_share(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def _exact_share(text: str) -> Decimal:
    share = parse_exact_share(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def _figure(text: str) -> float:
    found = parse_share(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _signed(text: str) -> str:
    _figure(text)
    return text.strip()


def _text(text: str) -> str:
    return text


_REFERENCE = re.compile(r"\$\{[^}]*\}")


def _without_secret(text: str) -> str:
    # A reference is no secret; what it stands for is looked up when the source is read.
    bare = _REFERENCE.sub("", text)
    if scrub(bare) != bare:
        raise _RefusedError("a text without a password: never a secret in a file", "${WAREHOUSE_URL}")
    return text


def _named(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.match(text):
            raise _MisnamedError
        return text

    return read


class _RefusedError(ValueError):
    """A value that can be read and is still not wanted."""


class _MisnamedError(ValueError):
    """A name that is not in the form of names."""


def refuse(expected: str, example: str, code: str = "HW105") -> PydanticCustomError:
    """The fault that load.py turns into a diagnostic: what was expected, with an example of it."""
    return PydanticCustomError(
        "headway",
        "expected {expected}, such as {example}",
        {"expected": expected, "example": example, "code": code},
    )


def _reads(
    parse: Callable[..., T],
    expected: str,
    example: str,
    *,
    ready: type | tuple[type, ...] = (),
    lists: bool = False,
) -> PlainValidator:
    """A validator that reads text by `parse`; values already of type `ready` pass, for callers in Python."""

    def read(found: Any) -> T:
        if type(found) is not str:
            if (
                ready
                and isinstance(found, ready)
                and not isinstance(found, bool if ready is not bool else ())
            ):
                return cast("T", found)
            if not isinstance(found, str) and not (lists and isinstance(found, list | tuple)):
                raise refuse(expected, example)
        try:
            return parse(found)
        except _MisnamedError:
            raise refuse(expected, example, "HW113") from None
        except _RefusedError as fault:
            raise refuse(*fault.args) from None
        except (ValueError, ArithmeticError, InvalidOperation):
            raise refuse(expected, example) from None

    return PlainValidator(read)


def _schema(description: str, *examples: object, **rest: object) -> WithJsonSchema:
    shown = {"examples": list(examples)} if examples else {}
    return WithJsonSchema({"type": "string", "description": description, **shown, **rest})


_NUMERIC: dict[str, Any] = {"type": ["number", "string"]}
_AS_TEXT = PlainSerializer(str, when_used="json")

Text = Annotated[
    str,
    _reads(_text, "a text", "a few words"),
    _schema("a text", type=["string", "number", "boolean"]),
]
Name = Annotated[
    str,
    _reads(_named(NAME), "lower-case words joined by hyphens", "reply-assistant"),
    _schema("a name: lower-case words joined by hyphens", "reply-assistant", pattern=NAME.pattern),
]
VersionedName = Annotated[
    str,
    _reads(_named(VERSIONED), "lower-case words joined by hyphens, '@' and a version", "harbour@2"),
    _schema("a name and a version", "harbour@2", pattern=VERSIONED.pattern),
]
Location = Annotated[
    str,
    _reads(_without_secret, "a text", ".headway"),
    _schema(
        "a place without a password; ${NAME} is a variable, ${file:/run/secrets/NAME} a file",
        "${WAREHOUSE_URL}",
    ),
]
Money = Annotated[
    money.Money,
    _reads(money.Money.parse, "an amount of money", "1200.50 EUR", ready=money.Money),
    _schema(
        "an amount and a currency of three capitals", "1200.50 EUR", pattern=r"^[+-]?\d+(\.\d+)?\s+[A-Z]{3}$"
    ),
    _AS_TEXT,
]
Rate = Annotated[
    quantity.Rate,
    _reads(
        quantity.Rate.parse,
        "an amount per day, week, month, quarter or year",
        "9500 EUR per month",
        ready=quantity.Rate,
    ),
    _schema("an amount per period", "9500 EUR per month", "240000 per year"),
    _AS_TEXT,
]
Share = Annotated[
    float,
    _reads(_share, "a share between 0 % and 100 %", "12 %", ready=(float, int)),
    _schema("a share", "12 %", 0.12, **_NUMERIC),
]
ExactShare = Annotated[
    Decimal,
    _reads(_exact_share, "a share between 0 % and 100 %", "12 %", ready=Decimal),
    _schema("a share, to the last digit", "12 %", 0.12, **_NUMERIC),
    _AS_TEXT,
]
Figure = Annotated[
    float,
    _reads(_figure, "a number or a percentage", "0.19", ready=(float, int)),
    _schema("a number or a percentage", 0.19, "19 %", **_NUMERIC),
]
Change = Annotated[
    str,
    _reads(_signed, "a change with its sign", "-10 %"),
    _schema("a change with its sign", "-10 %", 0.5, **_NUMERIC),
]
Number = Annotated[
    float,
    _reads(_number, "a number", "0.5", ready=(float, int)),
    _schema("a number", 0.5, **_NUMERIC),
]
Count = Annotated[
    int,
    _reads(_count, "a whole number", "2400", ready=int),
    _schema("a whole number, 0 or more", 2400, type=["integer", "string"]),
]
Flag = Annotated[
    bool,
    _reads(_flag, "yes or no", "yes", ready=bool),
    _schema("yes or no", "yes", "no", type=["boolean", "string"]),
]
Day = Annotated[
    date,
    _reads(date.fromisoformat, "a date", "2026-03-31", ready=date),
    _schema("a date", "2026-03-31", format="date"),
    _AS_TEXT,
]
Duration = Annotated[
    timedelta,
    _reads(parse_duration, "a duration", "30d", ready=timedelta),
    _schema("a duration: s, min, h, d or w", "30d", "6h", pattern=r"^\d+\s*(s|min|h|d|w)$"),
    PlainSerializer(show_duration, when_used="json"),
]
WindowT = Annotated[
    window.Window,
    _reads(
        window.Window.parse,
        "two dates, the second not included",
        "2026-01-01/2026-07-01",
        ready=window.Window,
    ),
    _schema("days from a date up to, and without, another", "2026-01-01/2026-07-01"),
    _AS_TEXT,
]
TripleT = Annotated[
    Triple,
    _reads(
        Triple.parse,
        "three amounts from low to high, in quotes",
        '"[31, 38, 45] EUR"',
        ready=Triple,
        lists=True,
    ),
    _schema(
        "three amounts, P10, P50 and P90",
        "[31, 38, 45] EUR",
        ["31 EUR", "38 EUR", "45 EUR"],
        type=["string", "array"],
    ),
    _AS_TEXT,
]
