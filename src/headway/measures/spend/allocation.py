"""Who pays for a bill: every amount goes to whoever bears it, and what nobody bears stays visible."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from headway.kernel.money import ZERO, add, decimals_of, settle
from headway.measures.spend.bill import Line
from headway.measures.spend.claims import Bearer
from headway.measures.spend.credits import Amount, Partners
from headway.portfolio.sharing import Sharing

# Digits that a third of an amount is carried to; what is finer than the bill itself is settled there.
DECIMALS = 18
# By initiative, its part of a component's cost in one billing period; what is left is the platform's.
Weights = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Rows that more than one initiative or component claims (HW445)."""

    bearers: tuple[Bearer, ...]
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Borne:
    """What an initiative bears in one currency.

    Attributes:
        direct: rows that its keys claim.
        followed: credits, taxes and adjustments that nobody claims and that are about its rows.
        shared: by component, its part of what is shared.
    """

    direct: Decimal = ZERO
    followed: Decimal = ZERO
    shared: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """All of it."""
        return add(self.direct, self.followed, *self.shared.values())


@dataclass(frozen=True, slots=True)
class Allocation:
    """A bill divided, exactly: for every currency parts, platform and unclaimed add up to `bill`.

    Attributes:
        bill: sum of the bill by currency.
        parts: by currency and initiative.
        platform: by currency and component, what nobody who shares it bears: what was never granted, what
            others hold, and what could not be divided.
        unclaimed: by currency, what no key claims, or two do.
        claimed_twice: groups with several claimants; their cost stays unclaimed until that is settled.
    """

    bill: Mapping[str, Decimal]
    parts: Mapping[str, Mapping[str, Borne]]
    platform: Mapping[str, Mapping[str, Decimal]]
    unclaimed: Mapping[str, Decimal]
    claimed_twice: tuple[Claimed, ...] = ()

    def of(self, initiative: str, currency: str) -> Borne:
        """What an initiative bears in a currency."""
        return self.parts.get(currency, {}).get(initiative, Borne())

    def unallocated(self, currency: str) -> Decimal:
        """What no initiative bears: the platform's and what nobody claims."""
        return add(self.unclaimed.get(currency, ZERO), *self.platform.get(currency, {}).values())

    def residual(self) -> Mapping[str, Decimal]:
        """Bill less parts less unallocated, by currency: zero everywhere, or it is our fault (HW444)."""
        # A minus sign would round to 28 digits; a copy with the other sign does not.
        return {
            c: add(
                whole,
                self.unallocated(c).copy_negate(),
                *(p.total.copy_negate() for p in self.parts.get(c, {}).values()),
            )
            for c, whole in self.bill.items()
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """What a bill is divided by besides its keys.

    Attributes:
        partners: charges by what credits are about.
        sharings: the components whose cost is shared.
        drivers: by component and billing period, who bears what part; a period that is not there has no
            readings.
    """

    partners: Sequence[Line] = ()
    sharings: Mapping[str, Sharing] = field(default_factory=dict)
    drivers: Mapping[str, Mapping[datetime | None, Weights]] = field(default_factory=dict)

    def weights(self, component: str, period: datetime | None) -> Weights:
        """Who bears a component's cost of a period; nobody where that is not known."""
        sharing = self.sharings.get(component)
        if sharing is None:
            return {}
        if sharing.shares:
            return {name: Fraction(share) for name, share in sharing.shares.items()}
        return self.drivers.get(component, {}).get(period, {})


def allocate(
    lines: Sequence[Line], rules: Rules, amount: Amount, bill: Mapping[str, Decimal] | None = None
) -> Allocation:
    """Divide a bill.

    Args:
        lines: all of it, credits with what they are about.
        rules: what it is divided by besides its keys.
        amount: which amount of a line is divided.
        bill: its sum by currency, where that was counted apart from the lines.

    >>> allocate((), Rules(), lambda line: line.cost).bill
    {}
    """
    partners = Partners.read(rules.partners, amount)
    currencies = sorted({line.currency for line in lines})
    made = {c: _Purse(rules, partners) for c in currencies}
    for line in lines:
        made[line.currency].take(line, amount(line))
    settled = {c: purse.settled([amount(x) for x in lines if x.currency == c]) for c, purse in made.items()}
    whole = {c: add(*(amount(x) for x in lines if x.currency == c)) for c in currencies}
    return Allocation(
        bill=whole if bill is None else bill,
        parts={c: parts for c, (parts, _, _) in settled.items()},
        platform={c: platform for c, (_, platform, _) in settled.items()},
        unclaimed={c: rest for c, (_, _, rest) in settled.items()},
        claimed_twice=tuple(
            Claimed(bearers, add(*amounts), c)
            for c, purse in made.items()
            for bearers, amounts in sorted(purse.twice.items())
        ),
    )


class _Purse:
    """Everything of one currency, by who bears it and why, as exact fractions until it is settled."""

    def __init__(self, rules: Rules, partners: Partners) -> None:
        self._rules = rules
        self._partners = partners
        # What is treated alike is added up first: fractions of large numbers are slow.
        self._whole: dict[tuple[str, ...], list[Decimal]] = {}
        self._about: dict[tuple[Hashable, datetime | None], list[Decimal]] = {}
        self._common: dict[tuple[str, datetime | None, bool], list[Decimal]] = {}
        self._borne: dict[tuple[str, ...], Fraction] = {}
        self.twice: dict[tuple[Bearer, ...], list[Decimal]] = {}

    def take(self, line: Line, amount: Decimal) -> None:
        """Put a line where it belongs."""
        if len(line.bearers) == 1:
            (bearer,) = line.bearers
            if bearer.kind == "initiative":
                self._whole.setdefault(("direct", bearer.name), []).append(amount)
            else:
                self._common.setdefault((bearer.name, line.period, line.unused), []).append(amount)
        elif line.bearers:
            self.twice.setdefault(line.bearers, []).append(amount)
            self._whole.setdefault(("unclaimed",), []).append(amount)
        elif line.category:
            place = self._partners.place_of(line)
            self._about.setdefault((place, line.period), []).append(amount)
        else:
            self._whole.setdefault(("unclaimed",), []).append(amount)

    def _share(self) -> None:
        """Divide what several bear."""
        for where, amounts in self._whole.items():
            self._put(Fraction(add(*amounts)), *where)
        for (component, period, unused), amounts in self._common.items():
            self._divide(component, Fraction(add(*amounts)), period, unused=unused)
        for (place, period), amounts in self._about.items():
            whole = Fraction(add(*amounts))
            for bearer, part in (self._partners.parts(place) or {None: Fraction(1)}).items():
                if bearer is None:
                    self._put(whole * part, "unclaimed")
                elif bearer.kind == "initiative":
                    self._put(whole * part, "followed", bearer.name)
                else:
                    self._divide(bearer.name, whole * part, period, unused=False)

    def _divide(self, component: str, amount: Fraction, period: datetime | None, *, unused: bool) -> None:
        sharing = self._rules.sharings.get(component)
        # Whoever declares a share owns it, used or not; use says nothing of who left a commitment unused.
        owned = sharing is None or sharing.driver is None or not unused
        weights = self._rules.weights(component, period) if owned else {}
        for initiative, part in weights.items():
            self._put(amount * part, "shared", initiative, component)
        self._put(amount * (1 - sum(weights.values(), Fraction(0))), "platform", component)

    def _put(self, amount: Fraction, *where: str) -> None:
        self._borne[where] = self._borne.get(where, Fraction(0)) + amount

    def settled(self, amounts: Iterable[Decimal]) -> tuple[dict[str, Borne], dict[str, Decimal], Decimal]:
        """Parts by initiative, the platform's by component, and what nobody claims: all with final digits."""
        self._share()
        exact = settle(self._borne, decimals_of(amounts, DECIMALS))
        names = sorted({where[1] for where in exact if where[0] in ("direct", "followed", "shared")})
        parts = {
            n: Borne(
                exact.get(("direct", n), ZERO),
                exact.get(("followed", n), ZERO),
                {where[2]: a for where, a in sorted(exact.items()) if where[:2] == ("shared", n)},
            )
            for n in names
        }
        platform = {where[1]: a for where, a in sorted(exact.items()) if where[0] == "platform" and a}
        return parts, platform, exact.get(("unclaimed",), ZERO)
