"""Use case ``doctor``: does this machine, the portfolio and each source work; and what to bind next."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from headway.aggregates.memory import Memory, memory_file
from headway.app.check import Checked, check
from headway.app.doctor_finding import Finding
from headway.app.doctor_machine import environment, portfolio_findings, variables
from headway.app.doctor_next import Next, for_file, next_source
from headway.app.doctor_sources import Looked, look
from headway.app.wiring import store_folder
from headway.kernel.clock import now
from headway.kernel.errors import HeadwayError
from headway.kernel.identity import Json

SCHEMA = "headway.doctor/1"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found.

    Attributes:
        findings: of the machine and the files, in that order.
        sources: each declared source, as it answered.
        variables: variables and files of secrets that sources name, and whether they are there.
        next: what to bind next; None where nothing is missing that a source would settle.
    """

    findings: tuple[Finding, ...]
    sources: tuple[Looked, ...]
    variables: tuple[Finding, ...]
    next: Next | None

    @property
    def well(self) -> bool:
        """Whether nothing has to be mended: warnings and notes are no reason to stop."""
        return all(f.state != "wrong" for f in self.every())

    def every(self) -> tuple[Finding, ...]:
        """Every finding: of the machine and the files, of sources, of variables."""
        return (*self.findings, *(f for s in self.sources for f in s.findings), *self.variables)

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.doctor/1``; the value of a variable is nowhere in it."""
        return {
            "schema": SCHEMA,
            "well": self.well,
            "findings": [f.as_json() for f in self.findings],
            "sources": [s.as_json() for s in self.sources],
            "variables": [v.as_json() for v in self.variables],
            "next": self.next.as_json() if self.next else None,
        }


def doctor(root: Path, file: Path | None = None, progress: Progress | None = None) -> Examined:
    """Examine a machine, a portfolio and its sources.

    Args:
        root: the portfolio's folder; without a portfolio.yaml in it only the machine is examined.
        file: a file that shall be bound; its columns are looked at.
        progress: told of each source as it is asked.

    Raises:
        SourceFault: `file` cannot be looked at.
    """
    found = [*environment()]
    if not (root / "portfolio.yaml").is_file():
        found.append(
            Finding("portfolio", "portfolio.yaml", "note", "there is none here", "run `headway init`")
        )
        return Examined(tuple(found), (), (), for_file(None, file) if file else None)
    checked = check(root)
    found += portfolio_findings(root, checked)
    if checked.portfolio is None:
        return Examined(tuple(found), (), (), for_file(None, file) if file else None)
    folder = _store(checked)
    memory = Memory(memory_file(folder))
    sources = look(checked.portfolio, now(), folder, memory, progress)
    wanted = for_file(checked, file) if file else next_source(checked, folder)
    return Examined(tuple(found), tuple(sources), tuple(variables(checked.portfolio, os.environ)), wanted)


def _store(checked: Checked) -> Path:
    """Where digests are remembered; where the store cannot be told, beside the portfolio's own."""
    if checked.portfolio is None:
        raise ValueError
    try:
        return store_folder(checked.portfolio)
    except HeadwayError:
        return checked.portfolio.root / ".headway"
