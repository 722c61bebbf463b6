"""Everything that can be said about the files alone, in the order a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from headway.kernel.diagnostic import Diagnostic, Severity, in_order
from headway.portfolio.declared_amounts import without_rate
from headway.portfolio.links import check_links
from headway.portfolio.load import Loaded
from headway.portfolio.problem_first import problem_findings
from headway.portfolio.responsibility import check_responsibility
from headway.portfolio.sharing import check_sharing


def check(loaded: Loaded, as_of: datetime | None = None) -> tuple[Diagnostic, ...]:
    """Faults of the files, of their links, of responsibilities and of the stated problems.

    Args:
        loaded: what `load` read.
        as_of: the moment dates are judged at; by default the portfolio's own `as_of`, if it has one.
    """
    portfolio = loaded.portfolio
    if portfolio is None:
        return loaded.diagnostics
    at = as_of or portfolio.settings.moment
    today = at.astimezone(ZoneInfo(portfolio.settings.time_zone)).date() if at else None
    return in_order(
        (
            *loaded.diagnostics,
            *check_links(portfolio, at),
            *check_responsibility(portfolio, at),
            *problem_findings(portfolio),
            *check_sharing(portfolio),
            *(without_rate(portfolio, today) if today else ()),
        )
    )


def report(found: Sequence[Diagnostic], files: int) -> str:
    """What `headway check` prints: every finding, then how many there are in how many files.

    >>> print(report((), 1))
    0 errors, 0 warnings in 1 file
    """
    errors = sum(d.level is Severity.ERROR for d in found)
    warnings = sum(d.level is Severity.WARNING for d in found)
    total = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')} in {_counted(files, 'file')}"
    return "\n".join([*map(str, found), *([""] if found else []), total])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
