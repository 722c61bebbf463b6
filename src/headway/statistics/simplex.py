"""The nearest point of a convex hull: least squares with weights that are shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import Degenerate, FloatArray

ROUNDING = 1e-12
"""Distances below this share of the farthest point count as none."""

TIED = 1e-9
"""Slack of a point's optimality condition, as a share of the same size, below which it ties."""

SINGULAR = 1e-10
"""Pivots below this share of the largest are those of dependent points."""

LEAST_RIDGE = 1e-6
"""Ridge, relative to the squared size, from which on the problem is well conditioned in its dual."""

HALVINGS = 60
"""Steps back before a direction is given up; exact ones need none."""

TIE_BREAK = 1e-10
"""Weight of the squared shares, relative to the squared size, that picks one of many equal optima."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Weights that are at least zero and sum to one.

    Args:
        weights: (J,) one share per column.
        distance: Euclidean norm of target minus weighted columns, without the ridge.
        unique: whether no other shares come as near.

    """

    weights: FloatArray
    distance: float
    unique: bool


def nearest_shares(columns: FloatArray, target: FloatArray, ridge: float = 0.0) -> Shares:
    """Shares of the columns whose mixture comes nearest to the target.

    Wolfe, "Finding the nearest point in a polytope" (Math. Programming 1976): an
    active-set method that ends at the exact optimum after finitely many steps. With a
    ridge nearly all shares are above zero, and the same optimum is found in the dual,
    which has one unknown per period instead of one per donor.
    Where several mixtures are equally near (equal columns; a target inside the hull),
    the one with the smallest sum of squared shares is taken, so the order of the
    columns never matters.

    Args:
        columns: (T, J) one column per donor.
        target: (T,) what they shall imitate.
        ridge: weight of the squared shares in the sum of squares, at least zero.

    Returns:
        The shares, how near they come, and whether they are the only ones.

    Raises:
        Degenerate: `too_few` without a column or a row, `not_finite` on NaN or infinity.
        ValueError: the shapes do not fit, or the ridge is negative.

    Example:
        >>> found = nearest_shares(np.array([[0.0, 4.0], [0.0, 0.0]]), np.array([1.0, 2.0]))
        >>> found.weights.round(6).tolist(), round(found.distance, 6), found.unique
        ([0.75, 0.25], 2.0, True)

    """
    if columns.ndim != 2 or target.shape != columns.shape[:1] or not ridge >= 0:
        msg = f"columns {columns.shape}, target {target.shape}, ridge {ridge}"
        raise ValueError(msg)
    if not columns.size:
        raise Degenerate(reason="too_few", detail=f"{columns.shape[1]} donors, {columns.shape[0]} periods")
    if not (np.isfinite(columns).all() and np.isfinite(target).all()):
        raise Degenerate(reason="not_finite", detail="a value of the panel is NaN or infinite")
    points = columns - target[:, None]
    size = float(np.sqrt((points**2).sum(axis=0).max() + ridge))
    if size == 0:
        return Shares(np.full(points.shape[1], 1 / points.shape[1]), 0.0, points.shape[1] == 1)
    points = points / size
    if points.shape[0] > points.shape[1]:
        # Distances are those of the triangular factor, which has no more rows than columns.
        points = np.asarray(np.linalg.qr(points, mode="r"), dtype=np.float64)
    relative = ridge / size**2
    weights = _spread(points, relative) if relative >= LEAST_RIDGE else _nearest(points, relative)
    unique = ridge > 0 or _only_one(points, weights)
    if not unique:
        weights = _nearest(points, TIE_BREAK)
    return Shares(weights, size * float(np.linalg.norm(points @ weights)), unique)


def _nearest(points: FloatArray, ridge: float) -> FloatArray:
    """Wolfe's method on points of at most unit length; `ridge` adds an axis of its own to each."""
    start = int(np.argmin((points**2).sum(axis=0)))
    chosen, shares = [start], np.ones(1)
    nearest = np.inf
    while True:
        at = points[:, chosen] @ shares
        slope = at @ points
        slope[chosen] += ridge * shares
        squared = float(at @ at + ridge * shares @ shares)
        best = int(np.argmin(slope))
        # Rounding can make a step that no longer comes nearer; the steps before it were exact.
        size = max(float(np.sqrt(squared)), ROUNDING)
        if size == ROUNDING or squared - slope[best] <= ROUNDING * size or squared >= nearest:
            break
        if best in chosen:
            break
        nearest = squared
        chosen, shares = _inside(points, ridge, [*chosen, best], np.append(shares, 0.0))
    weights = np.zeros(points.shape[1])
    weights[chosen] = shares
    return weights


def _spread(points: FloatArray, ridge: float) -> FloatArray:
    """Newton's method on the dual, whose gradient is linear as long as the same shares are above zero.

    At the optimum w_j = max(0, m - p_j'z) / ridge with z = Pw; z and m minimise a
    convex function, and a full step within one such piece ends exactly at its minimum.
    """
    rows, columns = points.shape
    at = np.append(points.mean(axis=1), 0.0)
    at[rows] = ridge / columns + float((at[:rows] @ points).max())
    lifted = np.concatenate([-points, np.ones((1, columns))])

    def value(x: FloatArray) -> float:
        above = np.maximum(x @ lifted, 0.0)
        return float(0.5 * x[:rows] @ x[:rows] + 0.5 * above @ above / ridge - x[rows])

    while True:
        above = at @ lifted
        free = above > 0
        slope = lifted[:, free] @ above[free] / ridge
        slope[:rows] += at[:rows]
        slope[rows] -= 1
        curve = lifted[:, free] @ lifted[:, free].T / ridge
        curve[np.arange(rows), np.arange(rows)] += 1
        step = -np.linalg.solve(curve, slope)
        size, here, gain = 1.0, value(at), float(slope @ step)
        for _ in range(HALVINGS):
            if value(at + size * step) <= here + 1e-4 * size * gain:
                break
            size /= 2
        at = at + size * step
        settled = size == 1 and np.array_equal(at @ lifted > 0, free)
        if settled or -gain <= ROUNDING * ROUNDING:
            weights = np.maximum(at @ lifted, 0.0)
            return np.asarray(weights / weights.sum(), dtype=np.float64)


def _inside(
    points: FloatArray, ridge: float, chosen: list[int], shares: FloatArray
) -> tuple[list[int], FloatArray]:
    """Walk to the nearest point of the affine hull, dropping points whose shares would be negative."""
    while True:
        wanted = _affine(points[:, chosen], ridge)
        if (wanted > 0).all():
            return chosen, wanted
        falling = wanted <= 0
        fall = shares[falling] - wanted[falling]
        # A point that has no share and is wanted with none leaves at once.
        steps = np.divide(shares[falling], fall, out=np.zeros(fall.size), where=fall > 0)
        moved = shares + steps.min() * (wanted - shares)
        moved[np.flatnonzero(falling)[int(np.argmin(steps))]] = 0.0
        kept = moved > 0
        chosen = [c for c, k in zip(chosen, kept, strict=True) if k]
        shares = moved[kept] / moved[kept].sum()


def _affine(points: FloatArray, ridge: float) -> FloatArray:
    """Nearest point to the origin of the affine hull, as weights that sum to one.

    A row of ones lifts affinely independent points to linearly independent ones
    without moving the optimum, so that one triangular factor solves it.
    """
    size = points.shape[1]
    below = np.sqrt(ridge) * np.eye(size if ridge else 0, size)
    lifted = np.concatenate([np.ones((1, size)), points, below])
    upper: FloatArray = np.asarray(np.linalg.qr(lifted, mode="r"), dtype=np.float64)
    pivots = np.abs(np.diag(upper))
    if upper.shape[0] == size and pivots.min() > SINGULAR * pivots.max():
        weights = np.linalg.solve(upper, np.linalg.solve(upper.T, np.ones(size)))
        return np.asarray(weights / weights.sum(), dtype=np.float64)
    # Rounding let a dependent point in: the least of all solutions, by singular values.
    sides = lifted[1:, 1:] - lifted[1:, :1]
    rest = np.linalg.lstsq(sides, -lifted[1:, 0], rcond=SINGULAR)[0]
    return np.append(1 - rest.sum(), rest)


def _only_one(points: FloatArray, weights: FloatArray) -> bool:
    """Whether the points that could enter at no cost are affinely independent."""
    at = points @ weights
    slack = at @ points - at @ at
    length = float(np.linalg.norm(at))
    free = slack <= TIED * length if length > TIED else np.ones(slack.size, dtype=bool)
    free |= weights > 0
    lifted = np.concatenate([np.ones((1, int(free.sum()))), points[:, free]])
    return bool(np.linalg.matrix_rank(lifted, tol=TIED * lifted.shape[1]) == lifted.shape[1])
