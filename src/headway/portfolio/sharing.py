"""How the cost of a component is divided over the initiatives that use it: by shares, or by a driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.money import ZERO, add, exact
from headway.portfolio.component import Component
from headway.portfolio.cost import SharedCost
from headway.portfolio.load import Portfolio

By = Literal["used", "granted", "peak"]
_BY: Mapping[str, By] = {"used": "used", "granted": "granted", "peak": "peak"}
_RESOURCE = "gpu"
_FORMS = "usage.RESOURCE, usage.RESOURCE.granted or usage.RESOURCE.peak"


@dataclass(frozen=True, slots=True)
class Driver:
    """What a cost is divided by.

    Attributes:
        resource: of the fact ``usage``.
        by: mean use, what was granted, or what each adds to the peak of all.
    """

    resource: str
    by: By

    def __str__(self) -> str:
        return f"usage.{self.resource}" if self.by == "used" else f"usage.{self.resource}.{self.by}"


@dataclass(frozen=True, slots=True)
class Sharing:
    """A component whose cost others bear.

    Attributes:
        component: its name.
        sharers: the initiatives that bear it, sorted.
        shares: the part of each, together exactly 1; none where a driver decides.
        driver: what decides where no shares are declared.
        usage: the source that the driver is read from.
    """

    component: str
    sharers: tuple[str, ...]
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    driver: Driver | None = None
    usage: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One entry of `cost.shared` and where it stands."""

    initiative: str
    at: int
    part: SharedCost


def read_driver(text: str, component: Component) -> Driver | None:
    """The driver that a text names; None for a text that names none.

    >>> str(read_driver("usage.tokens.input.granted", Component(component="pool")))
    'usage.tokens.input.granted'
    >>> str(read_driver("", Component(component="pool")))
    'usage.gpu'
    """
    own = component.capacity.resource if component.capacity else _RESOURCE
    if text in ("", "usage"):
        return Driver(own, "used")
    if text in _BY:
        return Driver(own, _BY[text])
    head, _, rest = text.partition(".")
    if head != "usage" or not rest:
        return None
    resource, _, last = rest.rpartition(".")
    if last in _BY:
        return Driver(resource or own, _BY[last])
    return Driver(rest, "used")


def sharings(portfolio: Portfolio) -> dict[str, Sharing]:
    """Every component whose division is sound, by name; the others' cost stays with the platform."""
    made = {}
    for name, asked in _asked(portfolio).items():
        if not any(_faults(portfolio, name, asked)):
            made[name] = _sharing(portfolio.components[name], asked)
    return made


def bears_cost(portfolio: Portfolio, initiative: str) -> bool:
    """Whether an initiative declares rows of the bill or a part of a component, or a component names it."""
    declared = portfolio.initiatives[initiative].cost
    named = any(initiative in c.cost.shares for c in portfolio.components.values())
    return bool(declared.select or declared.shared or named)


def check_sharing(portfolio: Portfolio) -> Iterator[Diagnostic]:
    """HW446 and HW460: divisions that do not add up to the whole, or that nothing can be divided by."""
    for name, asked in _asked(portfolio).items():
        yield from _faults(portfolio, name, asked)


def _asked(portfolio: Portfolio) -> dict[str, list[_Asked]]:
    """By component, who asks for a part of it; a component with shares of its own is there in any case."""
    made: dict[str, list[_Asked]] = {n: [] for n, c in portfolio.components.items() if c.cost.shares}
    for name, one in portfolio.initiatives.items():
        for at, part in enumerate(one.cost.shared):
            if part.component in portfolio.components:
                made.setdefault(part.component, []).append(_Asked(name, at, part))
    return made


def _sharing(component: Component, asked: list[_Asked]) -> Sharing:
    name = component.component
    shares = dict(component.cost.shares)
    if not shares:
        for a in asked:
            if a.part.share is not None:
                shares[a.initiative] = add(shares.get(a.initiative, ZERO), a.part.share)
    if shares:
        return Sharing(name, tuple(sorted(shares)), shares)
    sharers = tuple(sorted({a.initiative for a in asked}))
    return Sharing(
        name, sharers, driver=read_driver(asked[0].part.driver, component), usage=component.usage or ""
    )


def _faults(portfolio: Portfolio, name: str, asked: list[_Asked]) -> Iterator[Diagnostic]:
    component = portfolio.components[name]
    # Shares that stand with the component divide more than its cost: its energy, and its tokens.
    if asked and not component.cost.select:
        what = f"the cost of '{name}' is shared, and no row of the bill is its own"
        mend = f"name its rows in the component: cost: {{select: [{{tag: {{app: {name}}}}}]}}"
        yield Diagnostic("HW460", what, _place(portfolio, name, asked), mend, subject=name)
    if component.cost.shares:
        yield from _of_component(portfolio, component, asked)
    elif any(a.part.share is not None for a in asked):
        yield from _of_initiatives(portfolio, name, asked)
    else:
        yield from _of_driver(portfolio, component, asked)


def _of_component(portfolio: Portfolio, component: Component, asked: list[_Asked]) -> Iterator[Diagnostic]:
    name, shares = component.component, component.cost.shares
    whole = add(*shares.values())
    if whole != 1:
        place = portfolio.place("component", name, "cost", "shares")
        yield Diagnostic("HW446", _not_whole(name, whole), place, _mend(whole), subject=name)
    for a in asked:
        again = a.part.share is not None or a.part.driver
        if again or a.initiative not in shares:
            place = portfolio.place("initiative", a.initiative, "cost", "shared", a.at)
            what = f"the shares of '{name}' stand in the component, "
            what += "and are declared here again" if again else f"and leave out '{a.initiative}'"
            mend = "declare them in one place: cost.shares of the component"
            yield Diagnostic("HW446", what, place, mend, subject=a.initiative)


def _of_initiatives(portfolio: Portfolio, name: str, asked: list[_Asked]) -> Iterator[Diagnostic]:
    without = [a for a in asked if a.part.share is None]
    whole = add(*(a.part.share for a in asked if a.part.share is not None))
    if without:
        first = without[0]
        place = portfolio.place("initiative", first.initiative, "cost", "shared", first.at)
        what = f"others bear a declared share of '{name}', and '{first.initiative}' none"
        yield Diagnostic("HW446", what, place, "declare the share of each", subject=first.initiative)
    elif whole != 1:
        place = portfolio.place("initiative", asked[0].initiative, "cost", "shared", asked[0].at, "share")
        yield Diagnostic("HW446", _not_whole(name, whole), place, _mend(whole), subject=asked[0].initiative)


def _of_driver(portfolio: Portfolio, component: Component, asked: list[_Asked]) -> Iterator[Diagnostic]:
    name = component.component
    read = [(a, read_driver(a.part.driver, component)) for a in asked]
    for a, driver in read:
        place = portfolio.place("initiative", a.initiative, "cost", "shared", a.at)
        if driver is None:
            what = f"nothing is known by the driver '{a.part.driver}'"
            yield Diagnostic("HW460", what, place, f"write {_FORMS}", subject=a.initiative)
        elif read[0][1] is not None and driver != read[0][1]:
            what = f"'{name}' is divided by {driver} here and by {read[0][1]} in '{read[0][0].initiative}'"
            yield Diagnostic("HW460", what, place, "name one driver for all", subject=a.initiative)
    declared = portfolio.sources.get(component.usage or "")
    if declared is None or declared.fact != "usage":
        what = f"'{name}' is divided by its use, and nothing meters it"
        mend = "name its source of fact usage (usage: of the component), or declare shares"
        yield Diagnostic("HW460", what, _place(portfolio, name, asked), mend, subject=name)


def _place(portfolio: Portfolio, name: str, asked: list[_Asked]) -> Place:
    if not asked:
        return portfolio.place("component", name, "cost", "shares")
    return portfolio.place("initiative", asked[0].initiative, "cost", "shared", asked[0].at)


def _not_whole(name: str, whole: Decimal) -> str:
    return f"the shares of '{name}' are together {exact(whole.scaleb(2))} %"


def _mend(whole: Decimal) -> str:
    gap = exact(abs(1 - whole).scaleb(2))
    return f"give out the {gap} % that are left" if whole < 1 else f"take back the {gap} % that are too much"
