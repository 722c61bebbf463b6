"""How directly the work of a GPU is observed, from R1 to R4, and what each rung may carry."""

from __future__ import annotations

from collections.abc import Iterable

from headway.kernel.estimate import Grade

RUNGS = {
    "R1": "share of time that a multiprocessor works (DCGM_FI_PROF_SM_ACTIVE)",
    "R2": "share of time that the compute engine is busy (DCGM_FI_PROF_GR_ENGINE_ACTIVE)",
    "R3": "share of time that any kernel runs (DCGM_FI_DEV_GPU_UTIL), which overstates work",
    "R4": "power above that of an idle device (DCGM_FI_DEV_POWER_USAGE)",
}
# Rungs that say more of liveness than of work.
POOR = ("R3", "R4")
RAISE = (
    "uncomment DCGM_FI_PROF_SM_ACTIVE in the exporter's counter file (default-counters.csv), and restart it"
)


def lowest(rungs: Iterable[str]) -> str:
    """The rung that an estimate over several carries; none where nothing says one.

    >>> lowest(["R1", "R3", ""])
    'R3'
    """
    return max((r for r in rungs if r in RUNGS), default="")


def grade_by(rung: str, *, sizing: bool) -> tuple[Grade, str]:
    """The best grade that a signal allows, and why, where it is less than that of what is observed.

    Args:
        rung: the lowest that was read; none where the source says none.
        sizing: whether a grant is sized by it, and not idleness alone told.
    """
    if rung == "R4" or (rung == "R3" and sizing):
        return Grade.D, f"its signal is of rung {rung}: {RUNGS[rung]}"
    reason = f"its signal is of rung {rung}: {RUNGS[rung]}" if rung in POOR else ""
    return Grade.C, reason
