"""The house's words, each said plainly, and the marks that carry a state without colour."""

from __future__ import annotations

# In the order a reader cares.
MARKS = {"met": "✓", "waived": "○", "inconclusive": "≈", "missing": "?", "missed": "✗"}

STATES = {
    "met": "The evidence shows what the gate asks for.",
    "missed": "The evidence shows the opposite: what is asked for is not reached.",
    "inconclusive": "It was measured, and the interval still holds both answers. More data would settle it.",
    "missing": "There is no evidence that counts: none was gathered, it is too old, its source could not be "
    "read, or its grade is too low. Nothing is said against the initiative.",
    "waived": "A named person let it go, with a reason and an end date. Counts as met until then.",
}

GRADES = {
    "A": "Randomised: chance decided who was treated, so the difference is the initiative's doing.",
    "B": "Quasi-experimental: a credible comparison group stands in for chance.",
    "C": "Before and after, observational, or a plain count: something else may have caused it.",
    "D": "Asserted: somebody says so, and nobody measured it.",
}
UNGRADED = "No effect on an outcome was measured, or nobody claims the cost."

MODES = {
    "observe": "the gates only watch; nothing is held back",
    "warn": "the gates warn; nothing is held back",
    "block": "what is not met is held back",
}
ROW_MODES = {"observe": "watched only", "warn": "warns only", "block": "blocks"}

STANDINGS = {
    "reached": "reaches its objective",
    "short": "does not reach its objective",
    "wrong": "moved the wrong way",
    "undecided": "not decided",
    "unmeasured": "not measured",
}

STAGES = ("proposed", "framed", "piloting", "scaling", "operating", "retired")

WORDS = {
    "Interval": "The range in which the true value lies, as far as the data can tell: 95 % means that the "
    "method is right 19 times in 20.",
    "Objective": "The change that was promised. It is reached when the whole interval lies beyond it.",
    "Outcome and proxy": "The outcome is what the initiative is for. A proxy is easier to measure and stands "
    "in for it; a proxy that moves proves nothing about the outcome.",
    "Return": "What the effect is worth on the P&L in a year, less the year's cost. It is as good as the "
    "weakest grade in it.",
    "Used and idle share": "How much of the granted capacity was used, and how much of the time practically "
    "nothing was.",
    "Unallocated": "The part of the bill that no initiative claims.",
}


def mark(state: str) -> str:
    """A state with its mark; a status that is no state has no mark."""
    return f"{MARKS[state]} {state}" if state in MARKS else state
