"""A bill in words and lines: who bears it, what stays with the platform, and what nobody claims."""

from __future__ import annotations

from decimal import Decimal

from headway.kernel.money import ZERO, add, minor_places, shown
from headway.render.base import Record
from headway.render.figures import exact
from headway.render.summary import percent_of

BASIS = "BilledCost"


def remainders(bill: Record) -> list[tuple[str, str, str]]:
    """What no initiative bears: label, exact amount and the same to the cent.

    They add up to `unallocated`, and with the initiatives to the bill; what nobody claims is always there.
    """
    cents = bill["rounded"]
    platform = [
        (f"unallocated: platform ({name})", one["platform"], cents["platform"].get(name, "0"))
        for name, one in bill["components"].items()
        if Decimal(one["platform"])
    ]
    rest = "unallocated: claimed by nobody" if platform else "unallocated"
    return [*platform, (rest, bill["unclaimed"], cents["unclaimed"])]


def allocated(bill: Record) -> str:
    """What initiatives bear together, to the cent."""
    return f"{add(ZERO, *map(Decimal, bill['rounded']['initiatives'].values())):f}"


def finer(bill: Record) -> bool:
    """Whether the bill has digits beyond the minor unit of its currency."""
    cents = bill["rounded"]
    parts = [(amount, cents["initiatives"].get(n, amount)) for n, amount in bill["initiatives"].items()]
    parts += [(whole, rounded) for _, whole, rounded in remainders(bill)]
    return any(Decimal(a) != Decimal(b) for a, b in parts)


def line(currency: str, bill: Record) -> str:
    """The bill in one line, to the cent."""
    cents, count = bill["rounded"], len(bill["initiatives"])
    platform = add(ZERO, *map(Decimal, cents["platform"].values()))
    stays = f"{exact(f'{platform:f}')} {currency} stays with the platform, " if platform else ""
    return (
        f"{exact(cents['bill'])} {currency} billed; {count} "
        f"initiative{' bears' if count == 1 else 's bear'} "
        f"{percent_of(bill['allocated'], bill['bill'])}, {stays}"
        f"{exact(cents['unclaimed'])} {currency} is claimed by nobody"
    )


def notes(currency: str, bill: Record) -> list[str]:
    """What a bill is made of, and how it was divided besides by keys; nothing where keys alone do."""
    return [*_basis(currency, bill), *_followed(bill), *_components(currency, bill)]


def _basis(currency: str, bill: Record) -> list[str]:
    if list(bill["basis"]) in ([], [BASIS]):
        return []
    said = " and ".join(f"{column} ({_cents(currency, a)})" for column, a in bill["basis"].items())
    return [f"Cost is {said}; {_cents(currency, bill['billed'])} was invoiced."]


def _followed(bill: Record) -> list[str]:
    if not any(Decimal(path["followed"]) for path in bill["paths"].values()):
        return []
    return ["Credits, taxes and adjustments that no key claims go with the charges that they are about."]


def _components(currency: str, bill: Record) -> list[str]:
    return [_component(currency, name, one) for name, one in bill["components"].items()]


def _component(currency: str, name: str, one: Record) -> str:
    costs = f"{name} costs {_cents(currency, one['cost'])}"
    if not Decimal(one["shared"]):
        return f"{costs}, and no initiative bears a part of it."
    part = percent_of(one["shared"], one["cost"])
    rest = ", and the rest stays with the platform" if Decimal(one["platform"]) else ""
    return f"{costs}: {part} of it is divided by {one['by']}{rest}."


def _cents(currency: str, amount: str) -> str:
    return f"{exact(shown(Decimal(amount), minor_places(currency)).replace(',', ''))} {currency}"
