"""One thing that `headway doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass

from headway.kernel.diagnostic import Diagnostic, Severity
from headway.kernel.identity import Json


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and how it is.

    Attributes:
        area: environment, portfolio, source or secret.
        name: what was looked at.
        state: ``well``, ``note``, ``warning`` or ``wrong``; only the last moves the exit status.
        what: how it is, in one line.
        mend: one action, where there is one.
        code: its code, where it has one.
        place: file:line:column, where it has one.
    """

    area: str
    name: str
    state: str
    what: str
    mend: str = ""
    code: str = ""
    place: str = ""

    def __str__(self) -> str:
        """In the form in which every finding of headway is told."""
        weight = "error" if self.state == "wrong" else self.state
        code = f"[{self.code}]" if self.code else ""
        mend = f"\n  mend: {self.mend}" if self.mend else ""
        return f"{self.place or self.name}: {weight}{code} {self.what}{mend}"

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {name: getattr(self, name) for name in Finding.__slots__}


def of_diagnostic(area: str, name: str, found: Diagnostic) -> Finding:
    """A diagnostic as a finding."""
    state = {Severity.ERROR: "wrong", Severity.WARNING: "warning", Severity.NOTE: "note"}[found.level]
    return Finding(area, name, state, found.what, found.mend, found.code, str(found.place))
