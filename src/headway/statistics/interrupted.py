"""One series before and after a moment: segmented regression with errors that remember the last one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from headway.statistics.contrast import Contrast, Degenerate, FloatArray

MOST_MEMORY = 0.95
"""End of the range in which the memory of the errors is sought; the data ask for more where it is reached."""

AT_BORDER = 1e-3
"""Distance from that end below which it counts as reached."""

LEAST_POINTS = 12
"""Points below which neither trend nor memory can be told (HW419)."""

PLACEBO_DATES = 4
"""Made-up dates tried in the time before treatment."""

FIRST_PLACEBO, LAST_PLACEBO = 0.4, 0.75
"""Where they lie, as shares of that time: enough points on both sides of each."""

ROUNDING = 1e-12
"""Residuals below this share of the series' size are rounding."""

_GRID = np.linspace(-MOST_MEMORY, MOST_MEMORY, 77)


@dataclass(frozen=True, slots=True, eq=False)
class InterruptedSeries:
    """A fitted series and what it says.

    Args:
        contrast: mean of actual minus continued trend over the treated points, with
            the standard error at the estimated memory and df = points - coefficients.
        memory: phi, correlation of neighbouring errors.
        at_border: whether phi lies at the end of its range.
        counterfactual: (n,) the trend from before, continued.
        expected: its mean over the treated points.
        placebos: made-up first treated points with the effect each seems to have,
            from the points before treatment alone; empty when those are fewer than 8.

    """

    contrast: Contrast
    memory: float
    at_border: bool
    counterfactual: FloatArray
    expected: float
    placebos: tuple[tuple[int, float], ...]

    @property
    def drifts(self) -> bool:
        """Whether a made-up date moves the series as much as the real one."""
        return any(abs(effect) >= abs(self.contrast.theta) for _, effect in self.placebos)


def interrupted_series(y: FloatArray, starts: int) -> InterruptedSeries:
    """Effect of a treatment on one series: change of level and slope against the earlier trend.

    y = b0 + b1 t + b2 D + b3 (t - T0) D with AR(1) errors whose phi maximises the
    restricted likelihood on (-.95, .95); the effect is b2 + b3 mean(t - T0 | D).
    With one treated point there is no slope to change and b3 is left out.

    Args:
        y: (n,) the series, evenly spaced in time; a difference of two series for a
            controlled comparison.
        starts: points before the first treated one, at least 2.

    Returns:
        The fit. Its intervals are still too narrow where phi is large, since phi is
        estimated: the room's tests state by how much.

    Raises:
        Degenerate: `too_few` below 12 points, below 2 before treatment or without one
            after; `not_finite` on NaN or infinity; `zero_variance` when the trends
            fit without error.

    Example:
        >>> t = np.arange(16.0)
        >>> y = 2 + t + np.where(t < 10, 0.0, 5.0) + np.tile([0.1, -0.1, -0.1, 0.1], 4)
        >>> round(interrupted_series(y, 10).contrast.theta, 3)
        5.04

    """
    if y.size < LEAST_POINTS:
        raise Degenerate("too_few", f"{y.size} periods, needs {LEAST_POINTS}")
    if not 2 <= starts < y.size:
        detail = f"{starts} periods before treatment and {y.size - starts} from it on, needs 2 and 1"
        raise Degenerate("too_few", detail)
    if not np.isfinite(y).all():
        raise Degenerate("not_finite", "a value of the series is NaN or infinite")
    fitted = _Segments(y, starts)
    theta, se = fitted.weighted(fitted.effect)
    return InterruptedSeries(
        contrast=Contrast(theta, se, float(fitted.df), y.size, method="interrupted series, REML AR(1)"),
        memory=fitted.memory,
        at_border=MOST_MEMORY - abs(fitted.memory) < AT_BORDER,
        counterfactual=fitted.x[:, :2] @ fitted.beta[:2],
        expected=fitted.weighted(fitted.trend)[0],
        placebos=_placebos(y[:starts]),
    )


def placebo_ratios(donors: FloatArray, starts: int) -> FloatArray:
    """Effect over standard error of each donor's series less the mean of the other donors'.

    Args:
        donors: (n, J) series that were never treated, J at least 2.
        starts: points before the first treated one.

    Returns:
        (J,) ratios; infinite where a donor's trends fit without error.

    Example:
        >>> t = np.arange(12.0)
        >>> waves = np.stack([np.sin(t), np.cos(t), np.sin(2 * t)], axis=1)
        >>> placebo_ratios(waves, 8).round(2).tolist()
        [0.19, 0.26, -0.07]

    """
    total = donors.sum(axis=1)
    made = []
    for donor in donors.T:
        try:
            fitted = _Segments(donor - (total - donor) / (donors.shape[1] - 1), starts)
        except Degenerate:
            made.append(math.inf)
        else:
            theta, se = fitted.weighted(fitted.effect)
            made.append(theta / se)
    return np.array(made)


class RestrictedLikelihood:
    """Log restricted likelihood of a regression with AR(1) errors, as a function of their memory.

    With V_ij = phi^|i-j| / (1 - phi^2), X'V^-1X is a quadratic in phi: whatever the
    length of the series, many memories cost no more than one.

    Args:
        y: (n,) outcome in time order.
        x: (n, p) design of full column rank, p below n.

    Example:
        >>> likelihood = RestrictedLikelihood(np.array([1.0, 2.0, 4.0, 3.0]), np.ones((4, 1)))
        >>> likelihood.at(np.array([0.0, 0.4])).round(6).tolist()
        [-3.107304, -2.756859]

    """

    def __init__(self, y: FloatArray, x: FloatArray) -> None:
        """Sum once; an orthonormal basis keeps the digits that raw time would lose."""
        basis, upper = np.linalg.qr(x)
        residual = y - basis @ (basis.T @ y)
        size = float(np.linalg.norm(residual))
        z = np.column_stack([basis, residual / size])
        self._now = z.T @ z
        self._lagged = z[1:].T @ z[:-1] + z[:-1].T @ z[1:]
        self._inner = z[1:-1].T @ z[1:-1]
        self._free = y.size - x.shape[1]
        self._constant = -float(np.log(np.abs(np.diag(upper))).sum()) - self._free * math.log(size)

    def at(self, memories: FloatArray) -> FloatArray:
        """-(ln|V| + ln|X'V^-1X| + (n - p) ln RSS_V) / 2 at each memory between -1 and 1."""
        phi = memories[:, None, None]
        crossed = self._now - phi * self._lagged + phi**2 * self._inner
        factor = np.log(np.diagonal(np.linalg.cholesky(crossed), axis1=1, axis2=2))
        likelihood = 0.5 * np.log1p(-(memories**2)) - factor[:, :-1].sum(axis=1) - self._free * factor[:, -1]
        return np.asarray(self._constant + likelihood, dtype=np.float64)

    def best(self) -> float:
        """The likeliest memory within the range."""
        seen = self.at(_GRID)
        top = int(np.argmax(seen))
        found = minimize_scalar(
            lambda phi: -float(self.at(np.array([phi]))[0]),
            bounds=(_GRID[max(top - 1, 0)], _GRID[min(top + 1, _GRID.size - 1)]),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return float(found.x) if -found.fun >= seen[top] else float(_GRID[top])


def _whitened(z: FloatArray, memory: float) -> FloatArray:
    """Prais and Winsten's transformation, after which AR(1) errors are independent."""
    made = z.copy()
    made[1:] -= memory * z[:-1]
    made[0] *= math.sqrt(1 - memory * memory)
    return made


def _generalised(y: FloatArray, x: FloatArray, memory: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Triangular factor, coefficients and whitened residuals of generalised least squares."""
    white_y, white_x = _whitened(y, memory), _whitened(x, memory)
    basis, upper = np.linalg.qr(white_x)
    beta = np.linalg.solve(upper, basis.T @ white_y)
    return upper, beta, white_y - white_x @ beta


class _Segments:
    """Two straight lines with one memory, fitted."""

    def __init__(self, y: FloatArray, starts: int) -> None:
        t = np.arange(y.size, dtype=np.float64)
        after = t >= starts
        since = t - (starts - 1)
        columns = [np.ones(y.size), t, after * 1.0]
        if y.size - starts > 1:
            columns.append(since * after)
        self.x = np.stack(columns, axis=1)
        self.df = y.size - self.x.shape[1]
        self.effect = np.array([0.0, 0.0, 1.0, float(since[after].mean())])[: self.x.shape[1]]
        self.trend = np.array([1.0, float(t[after].mean()), 0.0, 0.0])[: self.x.shape[1]]
        plain = _generalised(y, self.x, 0.0)[2]
        if float(np.abs(plain).max()) <= ROUNDING * max(float(np.abs(y).max()), 1.0):
            raise Degenerate("zero_variance", "the trends fit the series without error")
        self.memory = RestrictedLikelihood(y, self.x).best()
        upper, self.beta, residual = _generalised(y, self.x, self.memory)
        self.scale = float(residual @ residual) / self.df
        self.upper = upper

    def weighted(self, weights: FloatArray) -> tuple[float, float]:
        """A combination of the coefficients and its standard error."""
        solved = np.linalg.solve(self.upper.T, weights)
        return float(weights @ self.beta), math.sqrt(self.scale * float(solved @ solved))


def _placebos(before: FloatArray) -> tuple[tuple[int, float], ...]:
    n = before.size
    if n < 2 * PLACEBO_DATES:
        return ()
    dates = np.linspace(round(FIRST_PLACEBO * n), round(LAST_PLACEBO * n), PLACEBO_DATES).round().astype(int)
    made = []
    for date in dates:
        try:
            fitted = _Segments(before, int(date))
        except Degenerate:
            made.append((int(date), 0.0))
        else:
            made.append((int(date), fitted.weighted(fitted.effect)[0]))
    return tuple(made)
