"""Sound experiments without any effect, looked at again and again: how many alarm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import FloatArray
from headway.statistics.sequential import boundary, log_e_two_sided, r_star

ALPHA = 0.05
LOOKS = 199
BATCH = 50
CHUNK = 250
Draw = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]

OUTCOMES: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(10.0, 2.0, shape),
    "lognormal": lambda rng, shape: rng.lognormal(0.0, 1.0, shape),
    "rate of 5 %": lambda rng, shape: (rng.random(shape, dtype=np.float32) < 0.05).astype(np.float64),
}


@dataclass(frozen=True, slots=True)
class Alarms:
    """Shares of null experiments that alarmed at some look."""

    sequential: float
    peeked: float
    once: float
    runs: int


def watched(outcome: str, runs: int, seed: int, beyond: float = 1.0) -> Alarms:
    """Two arms of 100 to 10,000 units, 199 looks, Welch's t in the t-form against peeking at 1.96.

    A rate is first looked at when 10 events and 10 others stand in each arm.

    Args:
        outcome: one of `OUTCOMES`.
        runs: null experiments.
        seed: of the draws.
        beyond: the last look in multiples of the planned size; looking goes on past the plan above 1.
    """
    rng = np.random.default_rng(seed)
    counts = np.zeros(3)
    for done in range(0, runs, CHUNK):
        size = (min(CHUNK, runs - done), LOOKS + 1, BATCH)
        arms = [_running(OUTCOMES[outcome](rng, size)) for _ in range(2)]
        z, df = _welch(*arms)
        ready = np.ones_like(z, dtype=bool)
        if outcome.startswith("rate"):
            events = np.minimum(*(n * mean for n, mean, _ in arms))
            ready = events >= 10
        crossed = _crossed(np.where(ready, z, 0.0), df, beyond)
        peeked = np.where(ready, np.abs(z), 0.0) >= 1.96
        counts += [crossed.any(axis=1).sum(), peeked.any(axis=1).sum(), peeked[:, -1].sum()]
    sequential, peeked, once = (counts / runs).tolist()
    return Alarms(sequential, peeked, once, runs)


def _running(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Units, mean and sample variance of an arm after each batch from the second on."""
    n = BATCH * np.arange(2, LOOKS + 2, dtype=np.float64)
    first = values.sum(axis=2).cumsum(axis=1)[:, 1:]
    second = (values * values).sum(axis=2).cumsum(axis=1)[:, 1:]
    return n, first / n, (second - first * first / n) / (n - 1)


def _welch(
    treated: tuple[FloatArray, FloatArray, FloatArray], control: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    (n, m_t, s_t), (_, m_c, s_c) = treated, control
    v_t, v_c = s_t / n, s_c / n
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (m_t - m_c) / np.sqrt(v_t + v_c)
        df = (v_t + v_c) ** 2 * (n - 1) / (v_t**2 + v_c**2)
    return np.nan_to_num(z), np.nan_to_num(df, nan=1.0)


def _crossed(t: FloatArray, df: FloatArray, beyond: float) -> npt.NDArray[np.bool_]:
    """Where the e-value reaches 1/.05; only looks beyond the normal boundary can."""
    share = np.arange(2, t.shape[1] + 2) / (t.shape[1] + 1)
    r = r_star(ALPHA) * beyond * share
    least = np.array([boundary(math.inf, x, ALPHA) for x in r.tolist()])
    found = np.abs(t) >= least
    for i, j in zip(*np.nonzero(found), strict=True):
        found[i, j] = log_e_two_sided(float(t[i, j]), float(df[i, j]), float(r[j])) >= -math.log(ALPHA)
    return found
