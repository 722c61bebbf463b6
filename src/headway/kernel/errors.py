"""Exceptions: faults of the machine, of a source, or ours. A user's file never raises one."""

from __future__ import annotations

import re

_SECRET = re.compile(r"(?i)(://[^:/@\s]*:)[^@\s]+(@)|((?:password|token|secret|key)=)[^\s&;]+")


def scrub(text: str) -> str:
    """Take passwords and tokens out of a text before anybody reads it.

    >>> scrub("postgresql://ann:s3cret@db/claims?token=abc")
    'postgresql://ann:***@db/claims?token=***'
    """
    return _SECRET.sub(lambda m: f"{m[1]}***{m[2]}" if m[1] else f"{m[3]}***", text)


class HeadwayError(Exception):
    """What was attempted, on what, what happened, and what to do about it.

    >>> print(HeadwayError("read", "data/a.csv", "no such file", "correct the path"))
    cannot read data/a.csv: no such file
    """

    def __init__(self, attempted: str, on: str, happened: str, mend: str) -> None:
        self.attempted = attempted
        self.on = scrub(on)
        self.happened = scrub(happened)
        self.mend = mend
        super().__init__(f"cannot {attempted} {self.on}: {self.happened}")


class SourceFault(HeadwayError):
    """A source could not be read: its evidence becomes ``missing: source_failed``; the review goes on."""

    def __init__(self, code: str, on: str, happened: str, mend: str) -> None:
        self.code = code
        super().__init__("read", on, happened, mend)


class LedgerFault(HeadwayError):
    """The ledger could not take or give an entry (HW6xx)."""

    def __init__(self, code: str, attempted: str, happened: str, mend: str) -> None:
        self.code = code
        super().__init__(attempted, "the ledger", happened, mend)
