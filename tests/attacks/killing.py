"""Kill a process that appends to a ledger, at any moment, and see that nothing is lost or half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks.ledgers import House, house

from headway.decisions import head

ROOT = Path(__file__).resolve().parents[2]
# Few per ledger, so that many kills hit the moments in which a ledger is created.
KILLS_PER_LEDGER = 10
LONGEST = 0.25


@dataclass
class Seen:
    """What the kills hit, so that a test can tell that they hit something."""

    acknowledged: int = 0
    unacknowledged: int = 0
    behind: int = 0
    before_the_first: int = 0
    codes: set[str] = field(default_factory=set)


def kill(times: int, seed: int, folder: Path) -> Seen:
    """Kill an appending process so many times, and check the ledger after each."""
    moments = random.Random(seed)
    seen = Seen()
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "attacks" / "appender.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    ) as program:
        try:
            for number in range(times):
                place = folder / str(number // KILLS_PER_LEDGER)
                with house(place) as here:
                    before = head.read(here.head).size, here.store.size_and_head()[0]
                    acknowledged = _killed(program, place, moments)
                    _check(here, before, acknowledged, seen)
        finally:
            program.kill()
    return seen


def _killed(program: subprocess.Popen[str], place: Path, moments: random.Random) -> dict[int, str]:
    """Let a child append in a place for a moment; what it acknowledged, as number to digest before it."""
    assert program.stdin
    assert program.stdout
    program.stdin.write(f"{place}\n")
    child = 0
    acknowledged = {}
    while (line := program.stdout.readline().split()) != ["dead"]:
        match line:
            case ["pid", pid]:
                child = int(pid)
                time.sleep(moments.uniform(0, LONGEST))
                os.kill(child, signal.SIGKILL)
            case ["ack", seq, prev]:
                acknowledged[int(seq)] = prev
            case _:
                raise AssertionError(line)
    return acknowledged


def _check(here: House, before: tuple[int, int], acknowledged: dict[int, str], seen: Seen) -> None:
    head_before, size_before = before
    report = here.verify()
    codes = {found.code for found in report.diagnostics}
    assert codes <= {"HW611"}, report.diagnostics
    assert report.not_replayed == 0
    assert report.replayed == report.entries >= size_before + len(acknowledged)
    kept = {entry.seq: entry.prev for entry in here.ledger.entries(size_before)}
    assert acknowledged.items() <= kept.items()
    # At most the one it was about to acknowledge.
    assert len(kept) - len(acknowledged) <= 1
    # Behind by more than one, where one kill after another hit the gap; what was acknowledged is in it.
    assert max(head_before, *acknowledged, 0) <= head.read(here.head).size <= report.entries
    seen.acknowledged += len(acknowledged)
    seen.unacknowledged += len(kept) - len(acknowledged)
    seen.before_the_first += report.entries == 0
    seen.behind += "HW611" in codes
