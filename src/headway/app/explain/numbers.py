"""A number of the report: by its address, or as it is printed, rounded as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from headway.app.explain import evidence
from headway.app.explain.explanation import Explanation, Part, facts, listed
from headway.app.explain.place import Here
from headway.render import figures
from headway.render.billing import remainders

_NUMBER = re.compile(r"^(?P<sign>[+−-]?)(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>%.*|[A-Za-z].*)?$")
_PERCENT = ("relative change", "share", "probability")
_MOST = 24
_BILL = {
    "bill": "Everything the bill charges, every currency by itself.",
    "allocated": "What initiatives bear of the bill: by their keys, as parts of components, as credits.",
    "unallocated": "What no initiative bears of the bill: the platform's part, and what nobody claims.",
}
_BASES = {
    "metered": "Spend as billed, in the window of the bill",
    "declared": "People at their declared rates, for a year",
    "budget": "The budget of a pilot, where an initiative has neither bill nor rates",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands.

    Attributes:
        address: what leads to it.
        value: in its unit; a share is 0.12.
        unit: how it is shown; shares and relative changes in per cent.
        means: one line.
        of: the evidence it is a part of.
    """

    address: str
    value: Decimal
    unit: str
    means: str
    of: Mapping[str, Any] | None = None

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return figures.figure(float(self.value), "share" if self.unit in _PERCENT else self.unit)


def find(here: Here, word: str) -> tuple[Explanation, ...]:
    """The number at an address, or every number that is printed so."""
    known = tuple(every(here))
    at = [n for n in known if word.casefold() == n.address.casefold()]
    if at:
        return (_told(here, at[0]),)
    asked = _Asked.of(word)
    found = [n for n in known if asked and asked.is_of(n)]
    if len(found) > 1:
        return (_matches(word, found),)
    return tuple(_told(here, n) for n in found)


@dataclass(frozen=True, slots=True)
class _Asked:
    value: Decimal
    places: int
    signed: bool
    unit: str

    @classmethod
    def of(cls, word: str) -> _Asked | None:
        found = _NUMBER.match(word)
        if not found:
            return None
        try:
            value = Decimal(found["digits"].replace(",", ""))
        except InvalidOperation:  # pragma: no cover - the pattern allows no such text
            return None
        negative = found["sign"] in ("−", "-")
        places = len(found["digits"].partition(".")[2])
        unit = (found["unit"] or "").strip()
        return cls(-value if negative else value, places, bool(found["sign"]), unit)

    def is_of(self, number: Number) -> bool:
        """Whether the number, rounded to the digits asked, is the one asked; the unit may be left out."""
        percent = number.unit in _PERCENT
        if self.unit and (self.unit.startswith("%") != percent):
            return False
        if self.unit and not percent and not number.unit.startswith(self.unit.split()[0]):
            return False
        value = number.value * 100 if percent else number.value
        step = Decimal(1).scaleb(-self.places)
        asked, value = (self.value, value) if self.signed else (abs(self.value), abs(value))
        return asked in {value.quantize(step, rounding) for rounding in (ROUND_HALF_EVEN, ROUND_HALF_UP)}


def _matches(word: str, found: list[Number]) -> Explanation:
    lines = [f"{n.address}: {n.shown}, {n.means}" for n in found[:_MOST]]
    lines += [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return Explanation(
        "several",
        word,
        f"{word} is printed for {len(found)} numbers",
        parts=listed("Ask for one by its address", lines),
        related=tuple(n.address for n in found[:_MOST]),
    )


def every(here: Here) -> Iterator[Number]:
    """All numbers of the review, those of evidence first."""
    for e in evidence.every(here):
        yield from _of_evidence(e)
    record = here.record
    for currency, bill in record["totals"]["bill"].items():
        for part, means in _BILL.items():
            at = f"totals/bill/{currency}" + ("" if part == "bill" else f"/{part}")
            yield Number(at, Decimal(bill[part]), currency, means.rstrip("."))
        for name, amount in bill["initiatives"].items():
            at = f"totals/bill/{currency}/{name}"
            yield Number(at, Decimal(amount), currency, f"what {name} bears of the bill")
    for base in record["coverage"]["bases"]:
        yield from _of_coverage(base)
    for at_, move in enumerate(record["moves"], 1):
        if move["waiting_per_week"] is not None:
            weekly = Decimal(str(move["waiting_per_week"]))
            means = f"what a week of waiting costs: {move['what']}"
            yield Number(f"moves/{at_}/waiting_per_week", weekly, record["portfolio"]["currency"], means)
    for one in record["initiatives"]:
        if one["objective"]:
            unit = "share" if one["objective"]["scale"] != "absolute" else ""
            change = Decimal(str(one["objective"]["change"]))
            yield Number(f"{one['name']}/objective", change, unit, "the change that was promised")


def _of_evidence(e: Mapping[str, Any]) -> Iterator[Number]:
    estimate, at = e["estimate"], evidence.address(e)
    name = figures.metric_words(e["metric"])
    unit = "share" if estimate["unit"] in _PERCENT else estimate["unit"]
    exact = estimate["detail"].get("exact") if figures.currency_of(estimate["unit"]) else None
    yield Number(at, Decimal(str(exact or estimate["value"])), unit, f"{name}, grade {e['grade']}", e)
    if estimate["low"] != estimate["high"]:
        for end in ("low", "high"):
            means = f"the {end} end of the interval of {name}"
            yield Number(f"{at}/{end}", Decimal(str(estimate[end])), unit, means, e)
    yield Number(f"{at}/n", Decimal(estimate["n"]), "", f"units that {name} rests on", e)


def _of_coverage(base: Mapping[str, Any]) -> Iterator[Number]:
    at, whole = f"coverage/{base['basis']}/{base['currency']}", Decimal(base["amount"])
    what = _BASES[base["basis"]]
    yield Number(at, whole, base["currency"], what)
    for grade, amount in base["by_grade"].items():
        behind = "no measured outcome" if grade == "none" else f"a measured outcome of grade {grade}"
        yield Number(f"{at}/{grade}", Decimal(amount), base["currency"], f"{what}, with {behind} behind it")
        if whole:
            means = f"the part of it with {behind} behind it"
            yield Number(f"{at}/{grade}/share", Decimal(amount) / whole, "share", means)
    for name, amount in base["initiatives"].items():
        yield Number(f"{at}/{name}", Decimal(amount), base["currency"], f"{what}: {name}")


def _told(here: Here, number: Number) -> Explanation:
    if number.of is not None:
        return evidence.told(here, number.of)
    first, _, rest = number.address.partition("/")
    parts: tuple[Part, ...] = ()
    if first == "totals" or rest.startswith("metered"):
        parts = tuple(_of_bill(here, number))
    elif first == "coverage":
        parts = listed("By initiative", list(_shares(here, number.address)))
    related = ("measure cost", "word bill") if parts and first == "totals" else ("word grade",)
    if first not in ("totals", "coverage", "moves"):
        related = (f"initiative {first}",)
    return Explanation(
        "number",
        number.address,
        f"{number.address}: {number.shown}",
        f"{number.means[0].upper()}{number.means[1:]}.",
        facts(
            address=number.address,
            exactly=f"{number.value:f} {number.unit}".strip(),
            as_of=figures.day(here.record["as_of"]),
        ),
        parts,
        related,
    )


def _of_bill(here: Here, number: Number) -> Iterator[Part]:
    """The bills behind a sum, each down to its query."""
    currency = number.address.split("/")[2]
    bill = here.record["totals"]["bill"].get(currency, {})
    rows = [
        f"{name}: {figures.exact(amount, 2)} {currency}"
        for name, amount in bill.get("initiatives", {}).items()
    ]
    if bill:
        rows += [f"{name}: {figures.exact(amount, 2)} {currency}" for name, amount, _ in remainders(bill)]
        rows.append(f"together, to the last digit: {figures.exact(bill['bill'], 2)} {currency}")
    yield from listed("How it adds up", rows)
    told = [p for e in evidence.every(here) if e["measure"] == "cost" for p in e["provenance"]]
    # A bill is asked for its credits apart: the question over all of its rows is the one to name.
    widest = sorted(told, key=lambda p: p["rows"] or 0)
    bills = {p["source"]: p for p in widest if p["fact"] == "cost"}
    for p in bills.values():
        yield evidence.source_part(here, p)
    for read in here.review.collected.reads:
        if read.source in bills:
            yield evidence.query(read)


def _shares(here: Here, address: str) -> Iterator[str]:
    _, basis, currency, *_ = address.split("/")
    for base in here.record["coverage"]["bases"]:
        if (base["basis"], base["currency"]) == (basis, currency):
            for name, amount in base["initiatives"].items():
                yield f"{name}: {figures.exact(amount, 2)} {currency}"
