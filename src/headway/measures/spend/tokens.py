"""What tokens cost: counts by kind times the price of the kind, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from headway.kernel.money import ZERO, add

INPUT, OUTPUT = "tokens.input", "tokens.output"
READ, WRITE, REASONING = "tokens.cache_read", "tokens.cache_write", "tokens.reasoning"
# The kinds that every model has a price of; input and output are what is sent and what is made.
PRICED = (INPUT, OUTPUT, READ, WRITE)
_EXACT_DIGITS = 100


class CacheExceedsInputError(ValueError):
    """More tokens were read from or written to the cache than were sent in at all."""


class NoPriceError(ValueError):
    """A kind of token was used, and nothing states its price."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"no price of {kind}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Devices of one's own against a price per token, at the load as it was.

    Attributes:
        tokens_per_hour: from so many on, on average, the devices are cheaper.
        served_per_hour: how many there were.
        ratio: cost of the devices over the cost of the tokens: below 1 they are cheaper.
    """

    tokens_per_hour: Decimal
    served_per_hour: Decimal
    ratio: Decimal


def billable(
    counts: Mapping[str, Decimal], *, input_includes_cache: bool, reasoning_apart: bool = False
) -> dict[str, Decimal]:
    """The tokens of each kind that is priced by itself; none is in two kinds.

    Args:
        counts: tokens by resource, such as ``tokens.input``.
        input_includes_cache: whether the input counts what was read from and written to the cache.
        reasoning_apart: whether reasoning has a price of its own; else it is output, of which it is part.

    Raises:
        CacheExceedsInputError: the cache holds more than the input that includes it.

    >>> found = billable(
    ...     {"tokens.input": Decimal(10), "tokens.cache_read": Decimal(4)}, input_includes_cache=True
    ... )
    >>> found["tokens.input"], found["tokens.cache_read"]
    (Decimal('6'), Decimal('4'))
    """
    made = {kind: counts.get(kind, ZERO) for kind in PRICED}
    if input_includes_cache:
        made[INPUT] = add(made[INPUT], -made[READ], -made[WRITE])
        if made[INPUT] < 0:
            message = f"{add(made[READ], made[WRITE]):f} tokens of the cache in {counts.get(INPUT, ZERO):f}"
            raise CacheExceedsInputError(message)
    if reasoning_apart:
        made[REASONING] = min(counts.get(REASONING, ZERO), made[OUTPUT])
        made[OUTPUT] = add(made[OUTPUT], -made[REASONING])
    return {kind: n for kind, n in made.items() if n}


def priced(tokens: Mapping[str, Decimal], prices: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What each kind of token costs, to the last digit.

    Args:
        tokens: what `billable` made.
        prices: the price of one token by kind; a kind that is not there has none, which is not 0.

    Raises:
        NoPriceError: a kind was used that has no price.

    >>> priced({"tokens.output": Decimal(3)}, {"tokens.output": Decimal("1e-5")})
    {'tokens.output': Decimal('0.00003')}
    """
    made = {}
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        for kind, n in tokens.items():
            if kind not in prices:
                raise NoPriceError(kind)
            made[kind] = n * prices[kind]
    return made


def break_even(hourly: Decimal, cost: Decimal, tokens: Decimal, hours: Decimal) -> BreakEven:
    """Where devices of one's own cost what the tokens cost: (price an hour) / (price of a token).

    It is compared with the use as it was, not with what the devices could serve when full.

    Args:
        hourly: what the devices cost an hour, in the currency of `cost`.
        cost: what the tokens cost.
        tokens: how many there were.
        hours: over how many hours.

    >>> found = break_even(Decimal("2.5"), Decimal(10), Decimal(2_000_000), Decimal(8))
    >>> found.tokens_per_hour, found.served_per_hour, found.ratio
    (Decimal('500000.0'), Decimal('250000'), Decimal('2.0'))
    """
    return BreakEven(hourly * tokens / cost, tokens / hours, hourly * hours / cost)
