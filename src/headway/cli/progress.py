"""Progress of long reads: on standard error, and only where a person is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # It brings numpy, which what reads no source need not wait for.
    from headway.aggregates.ask import Progress


@contextmanager
def reading() -> Iterator[Progress | None]:
    """A progress bar over the reads of a review, or None where standard error is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("reading {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sources", total=None)

        def progress(source: str, at: int, total: int) -> None:
            bar.update(task, description=source, completed=at, total=total)

        yield progress
