"""What to commit to at a discount: the level that costs least, and what it risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.base import Absent
from headway.measures.spend.advice import Coverage, Interval
from headway.measures.spend.demand import HOUR, Demand
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.forecast import Forecast, forecast, models_of
from headway.statistics.newsvendor import best_level, covered_share, saving, used_share

DAY_HOURS, WEEK_HOURS = 24, 168
WEEKS = (4, 2, 1)
"""Shorter histories that are tried beside the whole, in weeks."""

ORIGINS = 8
LONGEST_TERM = 4.0
"""A commitment that runs longer than so many times the history is bought in stages (HW752)."""

LEVEL = 0.9
SCENARIOS = 200
_SEED = 7
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Offer:
    """A discount that is to be had for a promise.

    Attributes:
        name: what it is called.
        discount: share off the price on demand.
        term_hours: how long it binds.
        held: the level that is committed already, in the unit of demand.
    """

    name: str
    discount: float
    term_hours: float = 8760.0
    held: float = 0.0


@dataclass(frozen=True, slots=True)
class Committed:
    """What to commit to under one offer, in the unit of demand (such as GPUs).

    Attributes:
        offer: the offer.
        level: what to be committed in all; never below what is already.
        now: what to buy now; the rest in stages where the term is long against the history.
        saving: share of the cost on demand that the level saves, over resampled histories.
        use: share of the commitment that is used.
        cover: share of demand that it covers.
        regret: what the best level in hindsight saves more, in the same share.
        break_even: share of time that the last unit must be used.
        held: what the level that is committed already saves.
        today: what it would save to commit to what is granted today.
        upper: the best level if demand comes at the upper bound of its forecast.
        learned_hours: how much of the newest history the level was read from.
        codes: HW751 where more is committed than even `upper` supports; HW752 where the term is long.
        words: the answer in one line.
    """

    offer: Offer
    level: float
    now: float
    saving: Interval
    use: float
    cover: float
    regret: Interval
    break_even: float
    held: Interval
    today: float
    upper: float
    learned_hours: int
    codes: tuple[str, ...]
    words: str


def commit(
    demand: Demand, offers: Sequence[Offer], coverage: Coverage, granted: float | None = None
) -> tuple[Committed, ...] | Absent:
    """What to commit to under each offer.

    Args:
        demand: what is used; read hour by hour. Hours without an observation are left out.
        offers: the discounts to be had.
        coverage: what the coverage gate says of this history: only `static` carries a commitment.
        granted: what is held today; the last hour's grant where nothing says so.

    Returns:
        One answer per offer, in their order; Absent with the gate's reason where history does not carry one.
    """
    if coverage.level != "static":
        return Absent(
            "commitment", "coverage", coverage.reason or "the history is too short for a commitment"
        )
    return levels(demand, offers, granted)


def levels(
    demand: Demand, offers: Sequence[Offer], granted: float | None = None
) -> tuple[Committed, ...] | Absent:
    """The same without the coverage gate, for replays that only observe."""
    hourly = demand.every(HOUR)
    used, held = hourly.used[hourly.present], hourly.granted[hourly.present]
    if not used.size or not used.sum():
        return Absent("commitment", "none", "nothing was used")
    today = float(held[-1]) if granted is None else granted
    ahead = ahead_of(used)
    return tuple(_committed(used, offer, today, ahead) for offer in offers)


def level_for(used: FloatArray, discount: float) -> tuple[float, int]:
    """The level to commit to, and of how many of the newest hours it is the best.

    The whole history, its last four, two or one weeks: whichever, committed to at the end of each of the last
    eight weeks, would have cost least in the week after; the longer where they tie. Whole weeks are taken, so
    that no day of the week counts twice.

    Args:
        used: hour by hour.
        discount: share off the price on demand.

    Returns:
        Level, and hours.

    Example:
        >>> level_for(np.repeat([1.0, 2.0], 336), 0.5)
        (2.0, 168)

    """
    hours = len(used)
    whole = hours - hours % WEEK_HOURS if hours >= WEEK_HOURS else hours
    tried = [whole, *(w * WEEK_HOURS for w in WEEKS if w * WEEK_HOURS < whole)]
    origins = [hours - k * WEEK_HOURS for k in range(1, ORIGINS + 1) if hours - k * WEEK_HOURS >= WEEK_HOURS]
    if len(origins) > 1:
        regrets = [_regret(used, origins, n if n < whole else None, discount) for n in tried]
        tried = [tried[int(np.argmin(np.round(regrets, 6)))]]
    return best_level(used[-tried[0] :], discount), tried[0]


def _regret(used: FloatArray, origins: Sequence[int], hours: int | None, discount: float) -> float:
    """Mean share by which the best in hindsight would have saved more in the week after each origin."""
    lost = 0.0
    for at in origins:
        start = at % WEEK_HOURS if hours is None else max(0, at - hours)
        after = used[at : at + WEEK_HOURS]
        best = saving(best_level(after, discount), after, discount)
        lost += best - max(-1.0, saving(best_level(used[start:at], discount), after, discount))
    return lost / len(origins)


def ahead_of(used: FloatArray, level: float = LEVEL) -> Forecast | None:
    """The next week (or day, of a short history), hour by hour, with bounds; None where it cannot be told."""
    week = WEEK_HOURS if len(used) >= 2 * WEEK_HOURS else 0
    try:
        return forecast(used, week or DAY_HOURS, level, models_of(DAY_HOURS, week))
    except Degenerate:
        return None


def scenarios(used: FloatArray, count: int = SCENARIOS, seed: int = _SEED) -> FloatArray:
    """Histories as they might have been: weeks of it (or days, where fewer than four weeks) drawn anew.

    Returns:
        One row per scenario, as many hours as whole weeks (or days) are known.
    """
    block = WEEK_HOURS if len(used) >= 4 * WEEK_HOURS else min(DAY_HOURS, len(used))
    blocks = used[len(used) % block :].reshape(-1, block)
    drawn = np.random.default_rng(seed).integers(0, len(blocks), (count, len(blocks)))
    return np.asarray(blocks[drawn].reshape(count, -1), dtype=np.float64)


def staged(offer: Offer, level: float, hours: int) -> float:
    """What to buy now: all of it, or the part of the term that the history speaks for.

    A history of a tenth of the term supports four tenths of the purchase; the rest waits for more.

    >>> staged(Offer("3 years", 0.5, term_hours=10_000.0, held=2.0), 12.0, 1000)
    6.0
    """
    share = min(1.0, LONGEST_TERM * hours / offer.term_hours)
    return max(0.0, level - offer.held) * share + offer.held


def _committed(used: FloatArray, offer: Offer, today: float, ahead: Forecast | None) -> Committed:
    best, hours = level_for(used, offer.discount)
    level = max(best, offer.held)
    read = used[-hours:]
    upper = best if ahead is None else max(best, best_level(np.maximum(ahead.high, 0.0), offer.discount))
    beyond = offer.held > upper
    long = offer.term_hours > LONGEST_TERM * len(used)
    worlds = [w for w in scenarios(read) if w.any()]
    saved = np.array([saving(level, w, offer.discount) for w in worlds])
    hindsight = np.array([saving(best_level(w, offer.discount), w, offer.discount) for w in worlds])
    own = saving(level, read, offer.discount)
    regret = saving(best_level(read, offer.discount), read, offer.discount) - own
    now = staged(offer, level, len(used))
    if (used == np.round(used)).all():
        # What is used in whole units is bought in whole units.
        now = max(offer.held, float(np.floor(now)))
    words = (
        f"{offer.name}: commit to {level:g} at {100 * offer.discount:.0f} % off, which saves"
        f" {100 * own:.1f} %"
        f" and is used {100 * used_share(level, read):.0f} % of the time"
    )
    if long:
        words += f"; buy {now:g} now, since it binds {offer.term_hours / len(used):.0f} times the history"
    return Committed(
        offer=offer,
        level=level,
        now=now,
        saving=Interval(own, *_ends(saved)),
        use=used_share(level, read),
        cover=covered_share(level, read),
        regret=Interval(regret, *_ends(hindsight - saved)),
        break_even=1 - offer.discount,
        held=Interval(
            saving(offer.held, read, offer.discount),
            *_ends(np.array([saving(offer.held, w, offer.discount) for w in worlds])),
        ),
        today=saving(today, read, offer.discount),
        upper=upper,
        learned_hours=hours,
        codes=(("HW751",) if beyond else ()) + (("HW752",) if long else ()),
        words=words,
    )


def _ends(values: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(values, _ENDS)
    return float(low), float(high)
