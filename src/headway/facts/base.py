"""What a fact is: a table contract that sources fill and measures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "number", "integer", "decimal", "moment", "any"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a fact: its type, unit and meaning, and whether every source must have it."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A table contract.

    Attributes:
        name: the fact's name in a source file.
        meaning: what one row is.
        columns: the columns headway knows.
        key: columns that name a row.
        time: the column that dates a row, if any; its newest value dates the evidence.
        open: whether a source may carry further columns (metrics, covariates) under names of its own.
        summed: the columns of the same fact when it arrives already summed.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str | None
    open: bool
    summed: tuple[Column, ...]

    def contract(self, *, summed: bool) -> tuple[Column, ...]:
        """The columns of the wanted form."""
        return self.summed if summed else self.columns
