"""The picture of a promotion list: e-values in falling order against the stairs that they must reach.

Heights are powers of ten. An approach that has but a part of a slot is drawn at that part of its e-value, so
that one flight of stairs holds for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from headway.render.base import Record
from headway.render.pictures import NARROW, WIDE
from headway.render.scale import fitted
from headway.render.strokes import Sheet, line, svg, tag, text

_TOP, _HEIGHT, _BOTTOM = 24.0, 168.0, 44.0
_LEFT = 56.0
_SIZE, _NUMBER = 12.5, 16
# Beyond a tenth and a hundred thousand an e-value says no more to the eye.
_LEAST, _MOST = -1.0, 5.0
_LN_10 = math.log(10)


@dataclass(frozen=True, slots=True)
class _Step:
    """One e-value of a list and the stair at its rank, as powers of ten."""

    height: float
    stair: float
    inside: bool
    frozen: bool
    told: str


def stairs(budget: Record, rows: Sequence[Record], ident: str, title: str) -> str:
    """The e-values of a list by count, for a page and for a phone; nothing where the list is empty.

    Args:
        budget: the promotion budget of the record.
        rows: of one list.
        ident: unique in the page.
        title: what the picture shows.
    """
    ranked = sorted(rows, key=lambda r: (-r["log_e"], r["initiative"]))
    steps = [_step(budget, row, k) for k, row in enumerate(ranked, 1)]
    return "".join(_drawn(steps, s, f"{ident}-{s.name}", title) for s in (WIDE, NARROW)) if steps else ""


def _step(budget: Record, row: Record, k: int) -> _Step:
    height = (row["log_e"] - math.log(row["approaches"])) / _LN_10
    stair = math.log10(budget["slots"] / (k * budget["share"]))
    inside = row["by_count"]["accepted"]
    state = f"{'frozen' if row['frozen'] else 'not frozen'}, {'accepted' if inside else 'not accepted'}"
    told = f"{k}: {row['initiative']}, e-value {row['e']}, stair {10**stair:,.3g}, {state}."
    return _Step(height, stair, inside, bool(row["frozen"]), told)


def _drawn(steps: Sequence[_Step], sheet: Sheet, ident: str, title: str) -> str:
    low, high = _reach(steps)
    wide = (sheet.width - _LEFT - 8) / len(steps)

    def at(power: float) -> float:
        return round(_TOP + _HEIGHT * (1 - (min(max(power, low), high) - low) / (high - low)), 2)

    drawn = [
        *_axis(sheet, low, high, at),
        tag("path", "stair", d=_flight(steps, wide, at)),
        text("muted start", 0, 12, fitted("e-value (line: needed at that rank)", _SIZE, sheet.width)),
        *(
            p
            for k, s in enumerate(steps)
            for p in _rank(s, k, wide, at, label=_labelled(k, len(steps), wide))
        ),
        text("muted start", _LEFT, _TOP + _HEIGHT + 38, "rank by e-value"),
    ]
    return svg(drawn, sheet, _TOP + _HEIGHT + _BOTTOM, ident, title, [s.told for s in steps])


def _reach(steps: Sequence[_Step]) -> tuple[float, float]:
    """From one, or a tenth, to the next power of ten above all that is drawn."""
    low = max(_LEAST, min(0.0, *(s.height for s in steps)))
    stair = max(s.stair for s in steps)
    high = max(stair, min(_MOST, max(s.height for s in steps)))
    return math.floor(low), math.ceil(high - 1e-9)


def _axis(sheet: Sheet, low: float, high: float, at: Callable[[float], float]) -> Iterable[str]:
    for power in range(int(low), int(high) + 1):
        y = at(power)
        yield line("zero" if power == 0 else "step-rule", _LEFT, y, sheet.width - 8, y)
        yield text(
            "tick-text end", _LEFT - 8, y + 4, f"{10.0**power:,.0f}" if power >= 0 else f"{10.0**power:g}"
        )


def _flight(steps: Sequence[_Step], wide: float, at: Callable[[float], float]) -> str:
    """The stairs as one line, a tread for each rank."""
    treads = (f"V{at(s.stair):g} h{wide:g}" for s in steps)
    return f"M{_LEFT:g} {at(steps[0].stair):g} {' '.join(treads)}"


def _rank(step: _Step, k: int, wide: float, at: Callable[[float], float], *, label: bool) -> Iterable[str]:
    left = round(_LEFT + k * wide, 2)
    middle, y = round(left + wide / 2, 2), at(step.height)
    kind = f"e-value {'in' if step.inside else 'out'}{'' if step.frozen else ' open'}"
    if step.inside:
        yield tag("rect", kind, x=round(middle - 4.5, 2), y=round(y - 4.5, 2), width=9, height=9)
    else:
        yield tag("circle", kind, cx=middle, cy=y, r=4.5)
    if label:
        yield text("tick-text middle", middle, _TOP + _HEIGHT + 18, str(k + 1))


def _labelled(k: int, count: int, wide: float) -> bool:
    """Every rank while there is room for its number, else every fifth."""
    return wide >= _NUMBER or (k + 1) % 5 == 0 or count == 1
