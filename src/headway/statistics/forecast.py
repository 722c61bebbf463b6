"""What comes next in a series: four plain forecasts, the one that was best so far, and bounds that hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from headway.statistics.contrast import Degenerate, FloatArray

WINDOWS = 5
"""Origins that a forecast is tried from."""

DAMPING = 0.98
_SMOOTHING = (0.01, 0.1, 0.3)

Model = Callable[[FloatArray, int], FloatArray]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next values of a series.

    Attributes:
        model: which forecast it is.
        values: the most likely values, in the series' unit.
        low: the bound that values stay above with chance `level`.
        high: the bound that they stay below with chance `level`.
        level: coverage of each bound on its own; the two together cover 2·level - 1.
        errors: absolute error as a share of what came (WAPE), by model, over all origins.
        origins: how many origins it was tried from.
    """

    model: str
    values: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    errors: Mapping[str, float]
    origins: int


def models_of(season: int, week: int = 0) -> dict[str, Model]:
    """The forecasts, the simplest first.

    Args:
        season: points in a day, or in the cycle that repeats.
        week: points in a week; 0 where it repeats nothing longer.

    Returns:
        By name: what was a season (and a week) ago, the mean since then, and an additive season with a damped
        trend.
    """
    cycles = [season, week] if week > season else [season]
    made: dict[str, Model] = {f"naive-{n}": partial(naive, season=n) for n in cycles}
    made |= {f"mean-{n}": partial(window_mean, window=n) for n in cycles}
    return made | {"season+trend": partial(season_and_trend, season=cycles[-1])}


def naive(series: FloatArray, horizon: int, season: int) -> FloatArray:
    """What was a season ago, again and again.

    >>> naive(np.array([1.0, 2.0, 3.0]), 4, 2).tolist()
    [2.0, 3.0, 2.0, 3.0]
    """
    _long_enough(series, season)
    return np.asarray(np.resize(series[-season:], horizon), dtype=np.float64)


def window_mean(series: FloatArray, horizon: int, window: int) -> FloatArray:
    """The mean of the last so many points."""
    _long_enough(series, window)
    return np.full(horizon, float(series[-window:].mean()))


def season_and_trend(series: FloatArray, horizon: int, season: int) -> FloatArray:
    """Additive season and damped trend by exponential smoothing (Holt-Winters), least squares one step ahead.

    Gardner, McKenzie, "Forecasting trends in time series" (Management Science 31, 1985). The smoothing is
    chosen from a small grid; the trend shrinks by a fiftieth a step.

    Raises:
        Degenerate: `too_few` with less than two seasons.
    """
    _long_enough(series, 2 * season)
    runs = [
        _smoothed(series, horizon, season, (alpha, alpha / 10, gamma))
        for alpha in _SMOOTHING
        for gamma in _SMOOTHING
    ]
    return min(runs, key=lambda run: run[0])[1]


def _smoothed(
    series: FloatArray, horizon: int, season: int, smoothing: tuple[float, float, float]
) -> tuple[float, FloatArray]:
    """Squared error one step ahead after the first season, and the forecast."""
    alpha, beta, gamma = smoothing
    level, trend, squares = float(series[:season].mean()), 0.0, 0.0
    cycle = (series[:season] - level).tolist()
    for t, value in enumerate(series[season:].tolist()):
        seasonal = cycle[t % season]
        expected = level + DAMPING * trend
        error = value - expected - seasonal
        squares += error * error
        level = expected + alpha * error
        trend = DAMPING * trend + alpha * beta * error
        cycle[t % season] = seasonal + gamma * error
    ahead = np.arange(1, horizon + 1)
    damped = trend * DAMPING * (1 - DAMPING**ahead) / (1 - DAMPING)
    done = len(series) - season
    seasons = np.array(cycle)[(done + ahead - 1) % season]
    return squares, level + damped + seasons


def forecast(
    series: FloatArray, horizon: int, level: float, models: Mapping[str, Model], origins: int = WINDOWS
) -> Forecast:
    """The next `horizon` values by whichever model erred least from the last origins, with bounds.

    The bounds are split conformal (Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005):
    the ⌈level·(n + 1)⌉-th smallest error of what came above (or below) the forecast, over all origins, is
    added to every value. Errors of neighbours resemble, so the coverage is near `level`, not exactly it.

    Args:
        series: values at even steps, oldest first.
        horizon: how many are wanted.
        level: coverage of each bound, between 0 and 1: at most τ = c_u/(c_u + c_o) of demand is then above a
            plan at the upper bound, c_u being the cost of one unit too few and c_o that of one too many.
        models: by name, the simplest first: it is kept where another is not better.
        origins: how many stretches of `horizon` at the end of the series the models are tried on.

    Returns:
        Values and bounds.

    Raises:
        Degenerate: `too_few` where no model can be tried from one origin; `not_finite`.
        ValueError: `level` is not between 0 and 1.

    Example:
        >>> wave = np.tile([1.0, 2.0, 3.0, 2.0], 12)
        >>> made = forecast(wave, 4, 0.9, models_of(4))
        >>> made.model, made.high.tolist()
        ('naive-4', [1.0, 2.0, 3.0, 2.0])

    """
    return _best(series, horizon, level, models, _Origins(origins, step=horizon, mean=False))


def mean_band(
    series: FloatArray, horizon: int, level: float, models: Mapping[str, Model], origins: int = 40
) -> Forecast:
    """The mean of the next `horizon` values, with bounds: what a month will bring in all, not each day of it.

    As `forecast`, but tried from every one of the last origins, and by the error of the mean; a sum is far
    surer than its parts.

    Args:
        series: values at even steps, oldest first.
        horizon: how many are averaged.
        level: coverage of each bound.
        models: by name, the simplest first.
        origins: how many points of the series it is tried from.

    Returns:
        One value with its bounds.

    Raises:
        Degenerate: as `forecast`.

    Example:
        >>> made = mean_band(np.tile([1.0, 3.0], 20), 4, 0.9, models_of(2))
        >>> made.values.tolist(), made.low.tolist()
        ([2.0], [2.0])

    """
    whole = {
        name: (lambda y, h, model=model: model(y, h).mean(keepdims=True)) for name, model in models.items()
    }
    return _best(series, horizon, level, whole, _Origins(origins, step=1, mean=True))


def conformal_bound(errors: FloatArray, level: float) -> float:
    """The ⌈level·(n + 1)⌉-th smallest error; the largest where that is beyond it.

    >>> conformal_bound(np.arange(1.0, 10.0), 0.8)
    8.0
    """
    n = len(errors)
    at = min(n, max(1, math.ceil(level * (n + 1) - 1e-9)))
    return float(np.partition(errors, at - 1)[at - 1])


@dataclass(frozen=True, slots=True)
class _Origins:
    """From where a model is tried: how many origins, how far apart, and on means or on every value."""

    count: int
    step: int
    mean: bool


def _best(
    series: FloatArray, horizon: int, level: float, models: Mapping[str, Model], origins: _Origins
) -> Forecast:
    if not 0 < level < 1:
        msg = f"level {level} is not between 0 and 1"
        raise ValueError(msg)
    if not np.isfinite(series).all():
        raise Degenerate(reason="not_finite", detail="the series holds NaN or infinity")
    tried = {
        name: found for name, model in models.items() if (found := _tried(series, horizon, model, origins))
    }
    if not tried:
        raise Degenerate(reason="too_few", detail=f"{len(series)} points to forecast {horizon} from")
    # A model that history is too short for is not judged on fewer origins than the others.
    reached = max(len(found) for found in tried.values())
    errors = {name: _wape(found) for name, found in tried.items() if len(found) == reached}
    best = min(errors, key=errors.__getitem__)
    over = np.concatenate([came - expected for came, expected in tried[best]])
    values = models[best](series, horizon)
    return Forecast(
        model=best,
        values=values,
        low=values - conformal_bound(-over, level),
        high=values + conformal_bound(over, level),
        level=level,
        errors=errors,
        origins=reached,
    )


def _tried(
    series: FloatArray, horizon: int, model: Model, origins: _Origins
) -> list[tuple[FloatArray, FloatArray]]:
    """What came and what was expected, from the newest origin back."""
    made = []
    for back in range(origins.count):
        at = len(series) - horizon - back * origins.step
        if at < 1:
            break
        came = series[at : at + horizon]
        try:
            made.append((came.mean(keepdims=True) if origins.mean else came, model(series[:at], horizon)))
        except Degenerate:
            break
    return made


def _wape(pairs: list[tuple[FloatArray, FloatArray]]) -> float:
    wrong = sum(float(np.abs(came - expected).sum()) for came, expected in pairs)
    came = sum(float(np.abs(c).sum()) for c, _ in pairs)
    return wrong / came if came else (0.0 if not wrong else math.inf)


def _long_enough(series: FloatArray, needed: int) -> None:
    if len(series) < needed:
        raise Degenerate(reason="too_few", detail=f"{len(series)} points, {needed} are needed")
