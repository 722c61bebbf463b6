"""Use case ``check``: are the files right, is every initiative problem-first; no source is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headway.gates.faults import gate_faults
from headway.gates.model import OperatingModel, in_force
from headway.kernel.clock import now, parse_as_of
from headway.kernel.diagnostic import Diagnostic, Severity, has_errors, in_order
from headway.kernel.identity import Json
from headway.portfolio.check import check as check_files
from headway.portfolio.check import report
from headway.portfolio.load import Loaded, Portfolio, collector_at_rest, load

SCHEMA = "headway.check/1"


@dataclass(frozen=True)
class Findings:
    """Everything found in the files of a portfolio, in the order a person reads it.

    Attributes:
        files: how many were read.
        paths: which.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: int
    paths: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Whether a file is wrong."""
        return has_errors(self.diagnostics)

    def text(self) -> str:
        """What `headway check` prints."""
        return report(self.diagnostics, self.files)

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.check/1``."""
        return {
            "schema": SCHEMA,
            "files": self.files,
            "paths": list(self.paths),
            "errors": sum(d.level is Severity.ERROR for d in self.diagnostics),
            "warnings": sum(d.level is Severity.WARNING for d in self.diagnostics),
            "diagnostics": [diagnostic_json(d) for d in self.diagnostics],
        }


@dataclass(frozen=True)
class Checked(Findings):
    """A portfolio as loaded, the rules in force, and everything found in its files.

    Attributes:
        identity: a name for the bytes of all files; None where one could not be read.
    """

    portfolio: Portfolio | None
    model: OperatingModel | None
    as_of: datetime
    identity: str | None = None


def check(root: Path, as_of: str | None = None) -> Checked:
    """Read and check a portfolio.

    Args:
        root: its folder.
        as_of: the moment to judge at, as text; else the portfolio's own, else now.

    Raises:
        ValueError: `as_of` is no moment.
    """
    with collector_at_rest():
        return _checked(load(root), as_of)


def _checked(loaded: Loaded, as_of: str | None) -> Checked:
    portfolio, files = loaded.portfolio, loaded.files
    if portfolio is None:
        return Checked(loaded.diagnostics, len(files), files, None, None, now())
    zone = portfolio.settings.time_zone
    at = parse_as_of(as_of, zone) if as_of else portfolio.settings.moment or now()
    model, found = in_force(portfolio, at)
    every = in_order((*check_files(loaded, at), *found, *gate_faults(portfolio, model)))
    return Checked(every, len(files), files, portfolio, model, at, loaded.identity)


def diagnostic_json(found: Diagnostic) -> dict[str, Json]:
    """A diagnostic as plain JSON."""
    return {
        "code": found.code,
        "severity": found.level.value,
        "what": found.what,
        "place": {"file": found.place.file, "line": found.place.line, "column": found.place.column},
        "mend": found.mend,
        "see": [{"place": str(place), "word": word} for place, word in found.see],
        "subject": found.subject,
    }
