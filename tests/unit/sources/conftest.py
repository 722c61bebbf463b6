"""A folder with sources, and the sums of one by name."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, greatest
from headway.kernel.errors import SourceFault
from headway.portfolio.source import Source
from headway.sources.base import Context, bind


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A review's context in an empty folder, closed at its end."""
    made = Context(tmp_path, "2026-03-31T00:00:00.000000Z", {}, tmp_path / ".headway")
    yield made
    made.close()


@pytest.fixture
def declared(context: Context) -> Callable[..., Bound]:
    """Bind a source declared by its settings; a unit file by default."""

    def bound(**settings: Any) -> Bound:
        return bind(Source(**({"source": "pilot", "fact": "unit"} | settings)), context)

    return bound


@pytest.fixture
def fault(declared: Callable[..., Bound]) -> Callable[..., tuple[str, str]]:
    """The code and words of a source that cannot be bound, or not be read to its end."""

    def failed(**settings: Any) -> tuple[str, str]:
        try:
            bound = declared(**settings)
        except SourceFault as found:
            return found.code, found.happened
        # By a key, so that no footer answers in the place of the rows.
        keys = bound.columns[-1:]
        request = Request(bound.source, keys, tuple(greatest(c) for c in bound.columns))
        faults = ask([request], {bound.source: bound}).faults
        assert faults, f"it was read: {bound.columns}"
        return faults[bound.source].code, faults[bound.source].happened

    return failed


@pytest.fixture
def values() -> Callable[..., list[Any]]:
    """All values of a column of a bound source, in order."""

    def read(bound: Bound, column: str) -> list[Any]:
        found = bound.opened.engine.fetch(bound.opened.table.select(column)).column(column).to_pylist()
        return sorted(found, key=lambda v: (v is not None, str(v)))

    return read
