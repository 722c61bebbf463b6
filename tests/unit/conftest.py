"""Writes a small portfolio into a folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import FRAMED, INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO, SOURCE, Declare, Rows


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Write a portfolio: a pilot block, rows, and any other file by its name."""

    def write(pilot: str = "", rows: Rows | None = None, **files: str) -> Path:
        block = (
            "pilot:\n" + "\n".join(f"  {line}" for line in pilot.strip().splitlines()) + "\n" if pilot else ""
        )
        texts = {
            "portfolio": PORTFOLIO,
            "people": PEOPLE,
            "outcome": OUTCOME,
            "initiative": (INITIATIVE if block else FRAMED) + block,
            "source": SOURCE if rows is not None else "",
            **files,
        }
        for name, text in texts.items():
            if text:
                (tmp_path / f"{name}.yaml").write_text(text)
        if rows is not None:
            pq.write_table(pa.table({k: pa.array(v) for k, v in rows.items()}), tmp_path / "units.parquet")
        return tmp_path

    return write
