"""What a machine costs, divided over what runs on it and what nobody holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from headway.kernel.money import ZERO

GPU = "gpu"


@dataclass(frozen=True, slots=True)
class Held:
    """What a workload asked for and what it used of one resource, in the resource's unit."""

    request: Decimal = ZERO
    use: Decimal = ZERO

    @property
    def amount(self) -> Fraction:
        """What it keeps others from: the larger of the two."""
        return Fraction(max(self.request, self.use, ZERO))


@dataclass(frozen=True, slots=True)
class NodeSplit:
    """A machine's cost divided; `workloads` and `idle` add up to it exactly.

    Attributes:
        workloads: what each one bears.
        idle: what nobody holds: the platform's, never spread over the others.
        weights: the part of the machine's cost that each resource stands for.
        method: how the weights were come by, in words.
    """

    workloads: Mapping[str, Fraction]
    idle: Fraction
    weights: Mapping[str, Fraction]
    method: str


def split_node(
    cost: Decimal,
    capacity: Mapping[str, Decimal],
    workloads: Mapping[str, Mapping[str, Held]],
    prices: Mapping[str, Decimal] | None = None,
) -> NodeSplit:
    """Divide what a machine costs over a period.

    A resource that is held beyond the machine's capacity is divided by what is held, and nothing of it is
    idle. Without a price for every resource, a machine with GPUs costs what its GPUs cost; one without them
    is divided evenly over its resources.

    Args:
        cost: of the machine, over the period.
        capacity: what there is of each resource.
        workloads: what each workload held of each resource, on average over the period.
        prices: of one unit of each resource, over the same period.

    Raises:
        ValueError: the machine has nothing of any resource.
    """
    sizes = {name: Fraction(size) for name, size in capacity.items() if size > 0}
    if not sizes:
        message = "a machine without capacity cannot be divided"
        raise ValueError(message)
    weights, method = _weights(sizes, prices or {})
    parts = dict.fromkeys(workloads, Fraction(0))
    for resource, weight in weights.items():
        held = {name: of[resource].amount for name, of in workloads.items() if resource in of}
        whole = max(sizes[resource], sum(held.values(), Fraction(0)))
        for name, amount in held.items():
            parts[name] += Fraction(cost) * weight * amount / whole
    return NodeSplit(parts, Fraction(cost) - sum(parts.values(), Fraction(0)), weights, method)


def _weights(sizes: Mapping[str, Fraction], prices: Mapping[str, Decimal]) -> tuple[dict[str, Fraction], str]:
    worth = {name: size * Fraction(prices[name]) for name, size in sizes.items() if name in prices}
    whole = sum(worth.values(), Fraction(0))
    if len(worth) == len(sizes) and whole > 0:
        return {name: amount / whole for name, amount in worth.items()}, "by the price of each resource"
    if GPU in sizes:
        return {GPU: Fraction(1)}, "no price of every resource is known: all of it is the GPU's"
    even = Fraction(1, len(sizes))
    return dict.fromkeys(sizes, even), "no price of every resource is known: each counts the same"
