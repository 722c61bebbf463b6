"""How many units an undecided question still needs."""

from __future__ import annotations

import math

OUT_OF_REACH = 100
"""Beyond a hundred times today's units the answer is "not at this size"."""


def units_to_settle(n: int, half_width: float, distance: float) -> int | None:
    """Units at which the interval would just clear the bound, if the estimate stays.

    The half-width shrinks with the root of n, so n* = n (h / |d|)^2.

    Args:
        n: units so far.
        half_width: half of today's interval, in the outcome's unit, >= 0.
        distance: estimate minus bound, same unit; the sign does not matter.

    Returns:
        Total units needed (not the additional ones), or None when the estimate
        lies on the bound or more than a hundred times `n` would be needed.

    Raises:
        ValueError: `n` or `half_width` is negative or a figure is not finite.

    Example:
        >>> units_to_settle(400, 3.0, 1.5), units_to_settle(400, 3.0, 0.0)
        (1600, None)

    """
    if n < 0 or not (math.isfinite(half_width) and math.isfinite(distance)) or half_width < 0:
        msg = f"n {n}, half-width {half_width} and distance {distance} must be finite and >= 0"
        raise ValueError(msg)
    reach = abs(distance) * math.sqrt(OUT_OF_REACH)
    if distance == 0 or half_width > reach:
        return None
    return math.ceil(n * (half_width / abs(distance)) ** 2)
