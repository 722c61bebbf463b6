"""Use case ``gate``: may one initiative pass its next gate."""

from __future__ import annotations

from headway.app.check import Checked, diagnostic_json
from headway.app.record import place_json
from headway.app.review import Review, Reviewed, review
from headway.gates.verdict import State, Verdict
from headway.kernel.identity import Json

SCHEMA = "headway.gate/1"
# DESIGN 6.4: 0 met, 1 missed, 4 inconclusive or missing; only blocking requirements count.
EXITS = {State.MET: 0, State.WAIVED: 0, State.MISSED: 1, State.INCONCLUSIVE: 4, State.MISSING: 4}


def gate(checked: Checked, name: str) -> tuple[Review, Reviewed]:
    """Judge one initiative.

    Raises:
        KeyError: no initiative of that name could be loaded.
        HeadwayError: the store is not to be had.
    """
    if checked.portfolio is None or name not in checked.portfolio.initiatives:
        raise KeyError(name)
    made = review(checked, only=(name,))
    return made, made.initiatives[0]


def gate_json(made: Review, verdict: Verdict | None) -> dict[str, Json]:
    """The schema ``headway.gate/1``."""
    return {
        "schema": SCHEMA,
        "verdict": verdict.as_json() if verdict else None,
        "place": place_json(made.portfolio.place("initiative", verdict.initiative)) if verdict else None,
        "diagnostics": [diagnostic_json(d) for d in made.diagnostics],
    }
