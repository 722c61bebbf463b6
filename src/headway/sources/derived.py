"""Tables of pilots that no file holds: made, in the engine, of sources that are bound already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.kernel.registry import load, names
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio


@dataclass(frozen=True, slots=True)
class Making:
    """What a pilot's table may be made of.

    Attributes:
        portfolio: what was declared.
        initiative: whose pilot it is; it has one.
        bound: the declared sources that could be bound, by name.
        as_of: the moment of the review, as text.
        memory: what was found out about contents before.
    """

    portfolio: Portfolio
    initiative: Initiative
    bound: Mapping[str, Bound]
    as_of: str
    memory: Memory = field(default_factory=Memory)


Maker = Callable[[Making], Bound | None]
"""Makes a pilot's table, under `derived_name`; None where the pilot is not of its kind.

Raises:
    SourceFault: the sources cannot give that table.
"""


def derive(making: Making) -> Bound | None:
    """The table of a pilot that is not a declared source, or None where it is one, or there is none.

    Raises:
        SourceFault: the sources cannot give that table.
    """
    for name in names("headway.derived"):
        maker: Maker = load("headway.derived", name)  # type: ignore[assignment]
        made = maker(making)
        if made is not None:
            return made
    return None
