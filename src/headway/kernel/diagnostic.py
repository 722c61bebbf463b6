"""What a user is told about a file or a source: code, place, what is wrong, one action that mends it.

Faults in a user's files are values. They are gathered over a whole run, sorted by place and shown at
once; nothing here is raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from headway.kernel.codes import CODES


class Severity(StrEnum):
    """How much a finding weighs: only an ``error`` moves an exit status."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value stands: file (relative to the portfolio), line and column, both from 1.

    >>> str(Place("outcomes/first.yaml", 9, 5))
    'outcomes/first.yaml:9:5'
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Args:
        code: a key of `CODES`; its meaning never changes.
        what: what is wrong, in one line, with the user's own words quoted.
        place: where to look.
        mend: one action that settles it.
        see: further places with a word each, for instance where a key was first given.
        severity: overrides the code's own severity.
        subject: the initiative or source it concerns, when it is not about a file alone.
    """

    code: str
    what: str
    place: Place
    mend: str
    see: tuple[tuple[Place, str], ...] = ()
    severity: Severity | None = None
    subject: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            message = f"unregistered code {self.code}"
            raise ValueError(message)

    @property
    def level(self) -> Severity:
        """The severity in force."""
        return self.severity or Severity(CODES[self.code].severity)

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.level}[{self.code}] {self.what}"]
        lines += [f"  see {place}: {word}" for place, word in self.see]
        lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about what a source holds, before it is known where the source is declared.

    Args:
        code: as of a `Diagnostic`; so are `what`, `mend` and `severity`.
        path: keys of the source's document that the mend is about.
    """

    code: str
    what: str
    mend: str
    path: tuple[str, ...] = ()
    severity: Severity | None = None

    def at(self, source: str, place: Place) -> Diagnostic:
        """The diagnostic of a source that is declared at a place."""
        what = f"source '{source}': {self.what}"
        return Diagnostic(self.code, what, place, self.mend, severity=self.severity, subject=source)


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by place, then code, and drop exact repeats."""
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.place, d.code, d.what)))


def has_errors(found: Iterable[Diagnostic]) -> bool:
    """Whether any finding is an error."""
    return any(d.level is Severity.ERROR for d in found)
