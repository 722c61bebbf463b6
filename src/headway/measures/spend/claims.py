"""Who claims which rows of a bill: the declared keys of initiatives and components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from headway.aggregates.matching import number, text_of
from headway.aggregates.request import Key, Picked, Tag, columns_of
from headway.portfolio.cost import CostSelector
from headway.portfolio.load import Portfolio

# The documents that a tag is looked for in, the first that has it wins (AllocatedTags: FOCUS 1.3).
TAGS = ("Tags", "AllocatedTags")
# Beyond so many values, all values of a key are told apart: to compare with each costs more than groups do.
MOST_NAMED = 200

Where = tuple[str | Tag, ...]


@dataclass(frozen=True, slots=True, order=True)
class Bearer:
    """Who bears a cost: an initiative, or a component until its cost is divided."""

    kind: Literal["component", "initiative"]
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that a row must have, in the first of some places that has one."""

    where: Where
    value: str

    def __str__(self) -> str:
        first = self.where[0]
        return f"{first.name if isinstance(first, Tag) else first}={self.value}"


def conditions_of(selector: CostSelector) -> tuple[Condition, ...]:
    """What a row must have so that a selector holds: all of it.

    >>> [str(c) for c in conditions_of(CostSelector(tag={"app": "replies"}))]
    ['app=replies']
    """
    tags = [Condition(tuple(Tag(c, n) for c in TAGS), v) for n, v in (selector.tag or {}).items()]
    return (*tags, *(Condition((c,), v) for c, v in (selector.column or {}).items()))


def selector_key(selector: CostSelector) -> list[tuple[Key, str]]:
    """The keys a selector reads in a bill without allocated tags, and the values it wants; all must hold.

    >>> selector_key(CostSelector(tag={"app": "replies"}))
    [(Tag(column='Tags', name='app'), 'replies')]
    """
    return [(condition.where[0], condition.value) for condition in conditions_of(selector)]


def selectors_of(portfolio: Portfolio) -> dict[Bearer, tuple[CostSelector, ...]]:
    """The selectors of every initiative and component that declares some."""
    made = {Bearer("initiative", n): i.cost.select for n, i in portfolio.initiatives.items()}
    made |= {Bearer("component", n): c.cost.select for n, c in portfolio.components.items()}
    return {bearer: chosen for bearer, chosen in made.items() if chosen}


@dataclass(slots=True)
class Claims:
    """The declared keys, looked up by value: a row is compared with what it has, not with everybody."""

    wanted: dict[Where, dict[str, list[int]]] = field(default_factory=dict)
    numbers: dict[Where, dict[Decimal, list[int]]] = field(default_factory=dict)
    # By selector: whose it is, and how many conditions must hold.
    needs: list[tuple[Bearer, int]] = field(default_factory=list)

    @classmethod
    def read(cls, selectors: Mapping[Bearer, Iterable[CostSelector]]) -> Claims:
        """The claims of some selectors."""
        made = cls()
        for bearer, chosen in selectors.items():
            for selector in chosen:
                conditions = set(conditions_of(selector))
                for condition in conditions:
                    made._add(condition)
                made.needs.append((bearer, len(conditions)))
        return made

    def _add(self, condition: Condition) -> None:
        at = len(self.needs)
        self.wanted.setdefault(condition.where, {}).setdefault(condition.value, []).append(at)
        meant = number(condition.value)
        if meant is not None:
            self.numbers.setdefault(condition.where, {}).setdefault(meant, []).append(at)

    def keys(self, columns: Iterable[str]) -> dict[Where, Key]:
        """The key by which a bill of these columns tells apart what the claims name, by its place."""
        present, made = set(columns), dict[Where, Key]()
        for where, values in self.wanted.items():
            there = tuple(w for w in where if set(columns_of(w)) <= present)
            if there:
                named = tuple(sorted(values)) if len(values) <= MOST_NAMED else ()
                made[where] = Picked(there, named)
        return made

    def of(self, values: Mapping[Where, Any]) -> tuple[Bearer, ...]:
        """Who claims a row with these values, sorted; nobody, one, or several (HW445)."""
        held: dict[int, int] = {}
        for where, value in values.items():
            if value is None:
                continue
            for at in self._named(where, value):
                held[at] = held.get(at, 0) + 1
        return tuple(sorted({self.needs[at][0] for at, n in held.items() if n == self.needs[at][1]}))

    def _named(self, where: Where, value: Any) -> Iterable[int]:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return self.numbers.get(where, {}).get(Decimal(str(value)), ())
        return self.wanted.get(where, {}).get(text_of(value), ())
