"""Kill the real `headway decide`, at any moment of its life, and see that nothing is lost or half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from headway.app.verify import verify
from headway.portfolio.load import load

PORTFOLIO = """\
headway: 1
portfolio: small
currency: EUR
time_zone: UTC
as_of: 2026-03-31
"""
PEOPLE = "people: small\npersons: [{id: ann}, {id: bob}]\n"
INITIATIVE = """\
initiative: trial
problem: callers wait ten minutes on average before somebody answers, and one in five hangs up
outcome: waiting
accountable: ann
sponsor: bob
"""
OUTCOME = """\
outcome: waiting
customer: callers
metric: {name: y, unit: minutes, better: lower}
drives: [{to: cost, kind: identity}]
---
outcome: cost
line: cost
"""


def kill_decide(times: int, seed: int, folder: Path) -> tuple[int, int]:
    """Kill `headway decide` at so many random moments; how many entries are kept, and were acknowledged."""
    for name, text in (("portfolio", PORTFOLIO), ("people", PEOPLE), ("i", INITIATIVE), ("o", OUTCOME)):
        (folder / f"{name}.yaml").write_text(text)
    moments = random.Random(seed)
    whole, acknowledged = _decide(folder, None)
    for _ in range(times):
        # Start-up is most of a run and the writing its end, so late moments are drawn from the fastest run.
        took, said = _decide(folder, moments.uniform(0.5, 1.05) * whole)
        whole, acknowledged = min(whole, took) if said else whole, acknowledged + said
        kept = _verified(folder)
        assert kept >= acknowledged
    return _verified(folder), acknowledged


def _decide(folder: Path, moment: float | None) -> tuple[float, int]:
    """Run it, or kill it at a moment; the seconds it took, and 1 if it acknowledged its entry."""
    started = time.perf_counter()
    words = ["decide", "trial", "hold", "--as", "bob", "--comment", "wait", "-p", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-m", "headway", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        if moment is not None:
            time.sleep(moment)
            os.kill(process.pid, signal.SIGKILL)
        assert process.stdout
        said = process.stdout.read()
    return time.perf_counter() - started, int(said.startswith("entry "))


def _verified(folder: Path) -> int:
    portfolio = load(folder).portfolio
    assert portfolio
    report = verify(portfolio)
    assert {d.code for d in report.diagnostics} <= {"HW611"}, report.diagnostics
    assert report.not_replayed == 0
    return report.entries
