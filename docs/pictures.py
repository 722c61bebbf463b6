"""Draw the pictures of docs/why/statistics.md from headway's own statistics.

``python -m docs.pictures`` writes docs/why/pictures; a test fails while a committed picture differs from what
would be drawn. Chance is seeded, and every coordinate is rounded to a tenth.
"""

# ruff: noqa: INP001, S311  (pages and their tools, found by path; chance that is seeded and guards nothing)

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Contrast
from headway.statistics.means import Moments, welch
from headway.statistics.sequential import boundary, r_star

PICTURES = Path(__file__).resolve().parent / "why" / "pictures"
LEVEL = 0.95
WIDTH = 680.0
_STYLE = """
text { font: 14px system-ui, sans-serif; fill: #24292f; }
.quiet { fill: #57606a; font-size: 13px; }
.strong { font-weight: 600; }
.axis, .zero { stroke: #8c959f; fill: none; }
.zero { stroke-dasharray: 4 3; }
.goal { stroke: #24292f; stroke-width: 2; }
.a { stroke: #0b6e4f; fill: #0b6e4f; }
.b { stroke: #b4530a; fill: #b4530a; }
.c { stroke: #1f5fa8; fill: #1f5fa8; }
.line { fill: none; stroke-width: 2; }
.bar { stroke-width: 4; stroke-linecap: round; }
.band { stroke: none; fill-opacity: 0.16; }
text.a, text.b, text.c { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet { fill: #9da7b1; }
  .goal { stroke: #e6edf3; }
  .a { stroke: #4cc38a; fill: #4cc38a; }
  .b { stroke: #f0a35e; fill: #f0a35e; }
  .c { stroke: #79b8ff; fill: #79b8ff; }
  .line { fill: none; }
}"""

Axis = Callable[[float], float]


def pictures() -> dict[Path, str]:
    """Every picture with its content."""
    made = {"states": states(), "clusters": clusters(), "looks": looks(), "grades": grades()}
    return {PICTURES / f"{name}.svg": text for name, text in made.items()}


def _picture(title: str, told: str, height: float, parts: Iterable[str]) -> str:
    drawn = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-labelledby="title desc">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="desc">{escape(told)}</desc>\n<style>{_STYLE}\n</style>\n{drawn}\n</svg>\n'
    )


def _axis(low: float, high: float, left: float, right: float) -> Axis:
    return lambda value: left + (value - low) / (high - low) * (right - left)


def _text(x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _interval(x: Axis, y: float, contrast: Contrast, kind: str) -> str:
    low, high = contrast.interval(LEVEL)
    dot = f'<circle cx="{x(contrast.theta):.1f}" cy="{y:.1f}" r="6" class="{kind}"/>'
    return _line(x(low), y, x(high), y, f"bar {kind}") + dot


def _path(points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" class="{kind}"/>'


def _percent(share: float) -> str:
    return f"{100 * share:+.0f} %".replace("-", "−").replace("+0 %", "0 %")


def _scale(x: Axis, ticks: Iterable[float], y: float) -> Iterable[str]:
    for tick in ticks:
        yield _line(x(tick), y - 4, x(tick), y, "axis")
        yield _text(x(tick), y + 16, _percent(tick), "quiet", "middle")


# --- what met, missed and inconclusive look like ------------------------------------------------------------

_ANSWERS = (
    ("met", "a", Contrast(-0.19, 0.03, 400, 402), "all of it lies beyond the promise"),
    ("missed", "b", Contrast(-0.02, 0.025, 400, 402), "none of it does"),
    ("inconclusive", "c", Contrast(-0.12, 0.04, 400, 402), "it holds both answers: more data would tell"),
)


def states() -> str:
    """Three intervals against one promise."""
    x, parts = _axis(-0.3, 0.1, 180, 640), list[str]()
    parts += [_line(x(-0.1), 34, x(-0.1), 252, "goal"), _line(x(0), 34, x(0), 252, "zero")]
    parts += [
        _text(x(-0.1), 24, "promised: −10 %", "strong", "middle"),
        _text(x(0), 24, "no change", "quiet", "middle"),
    ]
    for row, (state, kind, contrast, why) in enumerate(_ANSWERS):
        y = 64.0 + 58 * row
        parts += [_text(10, y + 5, state, f"strong {kind}"), _interval(x, y, contrast, kind)]
        parts.append(_text(10, y + 24, why, "quiet"))
    parts += [
        _text(10, 238, "missing", "strong"),
        _text(100, 238, "nobody measured: there is no interval", "quiet"),
    ]
    parts += [_line(x(-0.3), 256, x(0.1), 256, "axis"), *_scale(x, (-0.3, -0.2, -0.1, 0, 0.1), 256)]
    told = "; ".join(f"{state}: {_ends(contrast)}, {why}" for state, _, contrast, why in _ANSWERS)
    return _picture(
        "Met, missed, inconclusive, missing",
        f"Intervals of the change against a promise of −10 %. {told}; missing: no interval.",
        284,
        parts,
    )


def _ends(contrast: Contrast) -> str:
    low, high = contrast.interval(LEVEL)
    return f"{_percent(low)} to {_percent(high)}"


# --- why clusters -------------------------------------------------------------------------------------------

TEAMS, CLAIMS = 24, 40


def _teams(seed: int) -> tuple[list[float], list[float], list[int]]:
    chance = random.Random(seed)
    arm, hours, team = list[float](), list[float](), list[int]()
    for one in range(TEAMS):
        usual = 40 + chance.gauss(0, 4) - (1.5 if one % 2 else 0)
        for _ in range(CLAIMS):
            arm.append(float(one % 2))
            hours.append(usual + chance.gauss(0, 8))
            team.append(one)
    return arm, hours, team


def clusters() -> str:
    """The same claims, counted one by one and by team."""
    arm, hours, team = _teams(5)
    y, treated = np.array(hours), np.array(arm)
    by_claim = welch(*(_moments(y[treated == side]) for side in (1, 0)))
    design = np.column_stack([np.ones_like(treated), treated])
    by_team = fit(ClusterSums.from_rows(design, y, np.array(team))).contrast(np.array([0.0, 1.0]))
    x, parts = _axis(30, 50, 180, 640), list[str]()
    for side, (name, kind) in enumerate((("control", "c"), ("assisted", "a"))):
        at = 40.0 + 36 * side
        parts.append(_text(10, at + 5, f"12 teams, {name}"))
        means = [float(y[np.array(team) == one].mean()) for one in range(TEAMS) if one % 2 == side]
        parts += [
            f'<circle cx="{x(m):.1f}" cy="{at:.1f}" r="5" class="{kind}" fill-opacity="0.6"/>' for m in means
        ]
    parts += [_line(180, 98, 640, 98, "axis")]
    parts += [
        _line(x(h), 94, x(h), 98, "axis") + _text(x(h), 114, f"{h} hours", "quiet", "middle")
        for h in (30, 35, 40, 45, 50)
    ]
    d = _axis(-6, 4, 180, 640)
    parts += [_line(d(0), 136, d(0), 238, "zero"), _text(d(0), 132, "no difference", "quiet", "middle")]
    rows = ((by_claim, "b", f"{TEAMS * CLAIMS} claims"), (by_team, "a", f"{TEAMS} teams"))
    for row, (contrast, kind, unit) in enumerate(rows):
        at = 164.0 + 48 * row
        parts += [_text(10, at + 5, f"counted as {unit}", f"strong {kind}"), _interval(d, at, contrast, kind)]
    parts += [_line(180, 242, 640, 242, "axis")]
    parts += [
        _line(d(h), 238, d(h), 242, "axis")
        + _text(d(h), 258, f"{h:+d} hours".replace("-", "−"), "quiet", "middle")
        for h in (-6, -4, -2, 2, 4)
    ]
    said = [
        f"counted as {u}: {c.interval(LEVEL)[0]:.1f} to {c.interval(LEVEL)[1]:.1f} hours" for c, _, u in rows
    ]
    return _picture(
        "The same claims, counted by claim and by team",
        f"Means of 24 teams, and the difference of the arms with its interval. {'; '.join(said)}.".replace(
            "-", "−"
        ),
        268,
        parts,
    )


def _moments(values: np.typing.NDArray[np.float64]) -> Moments:
    return Moments.from_summary(len(values), float(values.mean()), float(values.var(ddof=1)))


# --- why looks ----------------------------------------------------------------------------------------------

DAYS, A_DAY = 60, 20
# Before this day the intervals are off the scale.
SHOWN_FROM = 4
Look = tuple[float, float, float]


def path(seed: int) -> list[Look]:
    """Day by day, where nothing changes: the estimate, and the half-widths for one look and for all."""
    chance, found = random.Random(seed), list[Look]()
    arms: tuple[list[float], list[float]] = ([], [])
    for day in range(1, DAYS + 1):
        for arm in arms:
            arm += [chance.gauss(0, 1) for _ in range(A_DAY)]
        contrast = welch(*(_moments(np.array(arm)) for arm in arms))
        once = contrast.interval(LEVEL)[1] - contrast.theta
        always = boundary(contrast.df, r_star(1 - LEVEL) * day / DAYS, 1 - LEVEL) * contrast.se
        found.append((contrast.theta, once, always))
    return found


def looks() -> str:
    """A running experiment in which nothing happens, looked at every day."""
    found = path(LOOKS_SEED)
    x, y = _axis(1, DAYS, 60, 640), _axis(0.55, -0.55, 20, 280)
    shown = [(day, look) for day, look in enumerate(found, 1) if day >= SHOWN_FROM]
    parts = [_line(60, y(0), 640, y(0), "zero")]
    for kind, pick in (("a", 2), ("b", 1)):
        upper = [(x(day), max(y(look[0] + look[pick]), 20)) for day, look in shown]
        lower = [(x(day), min(y(look[0] - look[pick]), 280)) for day, look in shown]
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in [*upper, *reversed(lower)])
        parts.append(f'<polygon points="{points}" class="band {kind}"/>')
        parts += [_path(upper, f"line {kind}"), _path(lower, f"line {kind}")]
    parts.append(_path([(x(day), y(look[0])) for day, look in shown], "line c"))
    wrong = [day for day, (theta, once, _) in shown if abs(theta) > once]
    parts += [f'<circle cx="{x(d):.1f}" cy="{y(found[d - 1][0]):.1f}" r="4" class="b"/>' for d in wrong]
    parts += [_line(60, 288, 640, 288, "axis")]
    parts += [_text(x(d), 306, f"day {d}", "quiet", "middle") for d in (10, 20, 30, 40, 50, 60)]
    parts += [_text(10, y(v) + 5, f"{v:+.1f}".replace("-", "−"), "quiet") for v in (0.4, 0.2, -0.2, -0.4)]
    parts += [
        _text(60, 332, f"right for one look: says “an effect” on {len(wrong)} days (dots)", "b strong"),
        _text(60, 376, "dashed: the truth, no effect. blue: the difference so far", "quiet"),
        _text(60, 354, "right for all looks together: holds the truth on every day", "a strong"),
    ]
    return _picture(
        "One experiment, looked at every day",
        f"Sixty days without any effect. The interval for one look leaves out zero on {len(wrong)} days; the "
        "wider interval for all looks holds zero on every day.",
        388,
        parts,
    )


# A path that misleads on several days, as about one in four does.
LOOKS_SEED = 8

# --- why grades never add -----------------------------------------------------------------------------------


def grades() -> str:
    """The same assistant, judged in four ways."""
    x, parts = _axis(-0.4, 0.1, 250, 640), list[str]()
    drawn, chosen, before = (_study(seed, bias) for seed, bias in ((3, 0.0), (4, -0.16), (5, -0.08)))
    rows = (
        ("A", "a", drawn, "chance decided who used it"),
        ("C", "c", before, "before and after: the queue shrank too"),
        ("C", "c", chosen, "the keen ones used it"),
    )
    parts += [
        _line(x(-0.1), 34, x(-0.1), 250, "goal"),
        _text(x(-0.1), 24, "the truth: −10 %", "strong", "middle"),
    ]
    for row, (grade, kind, contrast, how) in enumerate(rows):
        y = 62.0 + 54 * row
        parts += [
            _text(10, y + 5, grade, f"strong {kind}"),
            _text(32, y + 5, how),
            _interval(x, y, contrast, kind),
        ]
    parts += [_text(10, 229, "D", "strong b"), _text(32, 229, "somebody says so")]
    parts.append(f'<circle cx="{x(-0.3):.1f}" cy="224" r="6" class="b"/>')
    parts.append(_text(x(-0.3) + 14, 229, "−30 %, no interval", "quiet"))
    parts += [_line(x(-0.4), 254, x(0.1), 254, "axis"), *_scale(x, (-0.4, -0.3, -0.2, -0.1, 0, 0.1), 254)]
    said = "; ".join(f"grade {grade}, {how}: {_ends(contrast)}" for grade, _, contrast, how in rows)
    return _picture(
        "One assistant, judged in four ways",
        f"The truth is −10 %. {said}; grade D, somebody says so: −30 % without an interval.",
        282,
        parts,
    )


def _study(seed: int, bias: float) -> Contrast:
    chance = random.Random(seed)
    control = np.array([chance.gauss(1, 0.3) for _ in range(400)])
    treated = np.array([chance.gauss(0.9 + bias, 0.3) for _ in range(400)])
    return welch(_moments(treated), _moments(control))


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for target, content in pictures().items():
        target.write_text(content, encoding="utf-8")
