"""The order in which units start, drawn by lot: the same seed and units give the same order, on any machine.

Each unit's lot is the SHA-256 of the seed and its name, so that anybody can draw the order again with any
tool: within a stratum units stand in the order of their lots and are dealt to the starts one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headway.kernel.identity import Json, digest_bytes

# What a start is called that never comes.
NEVER = "never"
# A cohort of one says nothing of its own spread.
LEAST_PER_START = 2
_METHOD = "sha256 of seed, newline, unit; dealt within strata"


@dataclass(frozen=True, slots=True)
class Order:
    """Who starts when.

    Attributes:
        seed: what the lots come from.
        starts: each unit's start, or `NEVER`.
        strata: how many blocks were drawn apart.
    """

    seed: str
    starts: Mapping[str, str]
    strata: int

    def per_start(self, starts: Sequence[str]) -> dict[str, int]:
        """How many units each start has."""
        dealt = list(self.starts.values())
        return {start: dealt.count(start) for start in starts}

    def as_body(self, *, given: bool) -> dict[str, Json]:
        """The body of the act: enough to draw the order again and to see that nothing was changed.

        Args:
            given: whether somebody named the seed, rather than this machine's source of chance.
        """
        starts: dict[str, Json] = {
            unit: "" if at == NEVER else at for unit, at in sorted(self.starts.items())
        }
        return {
            "seed": self.seed,
            "seed_given": given,
            "method": _METHOD,
            "strata": self.strata,
            "starts": starts,
        }


def draw(units: Mapping[str, str], starts: Sequence[str], seed: str) -> Order:
    """Deal units to starts by lot, as evenly as each stratum allows.

    Args:
        units: each unit's stratum; one and the same where there are none.
        starts: the first treated periods, in order; `NEVER` for units that are kept out.
        seed: what the lots come from.

    Returns:
        The order. What is left over in one stratum goes on where the stratum before it ended, so that the
        cohorts of all strata together differ by one unit at most.

    Example:
        >>> found = draw({"a": "", "b": "", "c": "", "d": ""}, ["2026-05", "2026-06"], "7")
        >>> found.per_start(["2026-05", "2026-06"])
        {'2026-05': 2, '2026-06': 2}

    """
    dealt: dict[str, str] = {}
    # Which start the first card of a stratum goes to is a matter of chance too.
    at = int(_lot(seed, ""), 16)
    strata = sorted(set(units.values()))
    for stratum in sorted(strata, key=lambda s: _lot(seed, f"stratum {s}")):
        inside = [unit for unit, block in units.items() if block == stratum]
        for unit in sorted(inside, key=lambda u: _lot(seed, u)):
            dealt[unit] = starts[at % len(starts)]
            at += 1
    return Order(seed, dealt, len(strata))


def too_few(units: Iterable[str], starts: Sequence[str]) -> bool:
    """Whether some start would have a single unit."""
    return len(list(units)) < LEAST_PER_START * len(starts)


def _lot(seed: str, unit: str) -> str:
    return digest_bytes(f"{seed}\n{unit}".encode())
