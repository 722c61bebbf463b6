"""A program that appends decisions and says so after each: to be run twice at once, or killed.

`appender.py FOLDER COUNT` appends so many and ends. Without arguments it reads lines: each names a folder, in
which a child appends until somebody kills it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.attacks.ledgers import basis, house

from headway.decisions.decision import Kind


def append(folder: Path, limit: int | None) -> None:
    """Append, and acknowledge each entry in one write once it is safe."""
    resting = basis()
    with house(folder) as here:
        for n in count() if limit is None else range(limit):
            entry = here.decide(Kind.APPROVE, f"{os.getpid()} {n}", resting).entry
            os.write(1, f"ack {entry.seq} {entry.prev}\n".encode())


def serve() -> None:
    """Start a child per line, so that a kill costs a fork and not a start of Python."""
    with tempfile.TemporaryDirectory() as name, house(Path(name)) as here:
        # Once here, so that no child spends its short life on what is done once per process.
        here.fill(1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            append(Path(line.strip()), None)
            os._exit(1)
        os.write(1, f"pid {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        append(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        serve()
