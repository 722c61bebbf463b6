"""E-values of the integrity checks; natural logs throughout, since exp overflows on real data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln


def sample_ratio_log_e(
    counts: Sequence[int], shares: Sequence[float], concentration: float = 10_000.0
) -> float:
    """Evidence that units did not arrive in the declared shares (SRM), valid at any look.

    Dirichlet-multinomial mixture of Lindon, Malek, "Anytime-Valid Inference for
    Multinomial Count Data" (NeurIPS 2022). An e-value of 100 (log 4.6) stops the
    effect. Attrition is the same test on units with an outcome, with the exposed
    units as shares.

    Args:
        counts: units per arm, in the order of `shares`.
        shares: declared share or weight of each arm, above zero; scaled to sum 1.
        concentration: prior weight in units; large expects near-balance, small has
            no power against near-balance.

    Returns:
        Natural log of the e-value; 0 when no unit arrived.

    Raises:
        ValueError: lengths differ, fewer than two arms, a negative count, a share
            that is not above zero, or a concentration that is not above zero.

    Example:
        >>> round(sample_ratio_log_e([5210, 4790], [0.5, 0.5]), 4)
        4.064

    """
    observed = np.asarray(counts, dtype=np.float64)
    weight = np.asarray(shares, dtype=np.float64)
    if observed.ndim != 1 or observed.shape != weight.shape or observed.size < 2:
        msg = f"{observed.size} counts and {weight.size} shares: one each for two or more arms"
        raise ValueError(msg)
    finite = np.isfinite(observed).all() and np.isfinite(weight).all()
    if not finite or (observed < 0).any() or (weight <= 0).any() or not concentration > 0:
        msg = "counts must be >= 0, shares and concentration > 0"
        raise ValueError(msg)
    theta = weight / weight.sum()
    prior = concentration * theta
    arms = gammaln(prior + observed) - gammaln(prior) - observed * np.log(theta)
    total = gammaln(concentration) - gammaln(concentration + observed.sum())
    return float(total + arms.sum())
