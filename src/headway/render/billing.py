"""A bill in words and lines: who bears it, what stays with the platform, and what nobody claims."""

from __future__ import annotations

from decimal import Decimal

from headway.kernel.money import ZERO, add
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


def finer(bill: Record) -> bool:
    """Whether the bill has digits beyond the minor unit of its currency."""
    cents = bill["rounded"]
    parts = [(bill["initiatives"][n], cents["initiatives"][n]) for n in bill["initiatives"]]
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
    """How a bill was divided besides by keys, and what it is made of; nothing where there is nothing to say."""
    return [*_basis(currency, bill), *_followed(currency, bill), *_components(currency, bill)]


def _basis(currency: str, bill: Record) -> list[str]:
    if list(bill["basis"]) in ([], [BASIS]):
        return []
    said = " and ".join(f"{c} ({exact(a, 2)} {currency})" for c, a in bill["basis"].items())
    return [f"Cost is {said}; {exact(bill['billed'], 2)} {currency} was invoiced."]


def _followed(currency: str, bill: Record) -> list[str]:
    followed = add(ZERO, *(Decimal(p["followed"]) for p in bill["paths"].values()))
    if not followed:
        return []
    said = exact(f"{followed:f}", 2)
    return [
        f"Credits, taxes and adjustments that no key claims went where their charges went: {said} {currency}."
    ]


def _components(currency: str, bill: Record) -> list[str]:
    return [
        f"{name} costs {exact(one['cost'], 2)} {currency}; {percent_of(one['shared'], one['cost'])} of it "
        f"is borne by {one['by'] or 'no initiative'}."
        for name, one in bill["components"].items()
    ]
