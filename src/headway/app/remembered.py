"""Findings of `headway check`, remembered for as long as nothing that they rest on has changed.

They rest on the bytes of all files and of the exchange rates, on the day judged, and on headway itself.
Where any of these cannot be known for certain, nothing is remembered and everything is judged anew.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import headway
from headway.app.check import Checked, Findings, check
from headway.kernel.clock import now, parse_as_of
from headway.kernel.diagnostic import Diagnostic, Place, Severity
from headway.kernel.identity import digest_bytes
from headway.portfolio.files import VERY_FEW, content_of, identity, yaml_files
from headway.portfolio.kept import Kept


@dataclass(frozen=True, slots=True)
class _Basis:
    """What findings rest on, besides the day."""

    files: str
    headway: str
    rates: str | None


def findings(root: Path, as_of: str | None = None) -> Findings:
    """What `check` finds, the files being read anew only where something has changed.

    Args:
        root: the portfolio's folder.
        as_of: the moment to judge at, as text; else the portfolio's own, else now.

    Raises:
        ValueError: `as_of` is no moment.
    """
    kept = Kept("check", root)
    found = _recalled(root, kept.load(), as_of)
    if found is not None:
        return found
    checked = check(root, as_of)
    remembered = _remembered(checked)
    if remembered is not None:
        kept.save(remembered)
    return checked


def _recalled(root: Path, kept: Any, as_of: str | None) -> Findings | None:
    if kept is None:
        return None
    faults: list[Diagnostic] = []
    files = yaml_files(root, faults)
    contents = [content_of(root, file) for file in files]
    if faults or any(isinstance(c, Diagnostic) for c in contents):
        return None
    read = [(file, c) for file, c in zip(files, contents, strict=True) if isinstance(c, bytes)]
    rates = content_of(root, kept["rates_file"]) if kept["rates_file"] else None
    if isinstance(rates, Diagnostic):
        return None
    basis = _Basis(identity(read), _headway() or "", digest_bytes(rates) if rates is not None else None)
    # The files being the same, so are the zone and the moment that they name.
    if asdict(basis) != kept["basis"] or kept["day"] != _day(as_of, kept["moment"], kept["zone"]).isoformat():
        return None
    return Findings(tuple(map(_diagnostic, kept["found"])), len(files), files)


def _remembered(checked: Checked) -> dict[str, Any] | None:
    portfolio, ours = checked.portfolio, _headway()
    if portfolio is None or checked.identity is None or ours is None or checked.files <= VERY_FEW:
        return None
    settings = portfolio.settings
    if settings.exchange_rates and not portfolio.rates.digest:
        return None
    zone = settings.time_zone
    return {
        "basis": asdict(_Basis(checked.identity, ours, portfolio.rates.digest or None)),
        "rates_file": settings.exchange_rates,
        "zone": zone,
        "moment": settings.moment.isoformat() if settings.moment else None,
        "day": checked.as_of.astimezone(ZoneInfo(zone)).date().isoformat(),
        "found": [_row(d) for d in checked.diagnostics],
    }


def _day(as_of: str | None, moment: str | None, zone: str) -> date:
    at = parse_as_of(as_of, zone) if as_of else datetime.fromisoformat(moment) if moment else now()
    return at.astimezone(ZoneInfo(zone)).date()


def _headway() -> str | None:
    """What this headway is made of; None where rules of others judge with it, which may change unseen."""
    if any(point.dist and point.dist.name != "headway" for point in entry_points(group="headway.rules")):
        return None
    here = Path(headway.__file__).parent
    made = sorted(f"{f} {f.stat().st_mtime_ns}" for s in ("py", "yaml") for f in here.rglob(f"*.{s}"))
    return digest_bytes("\n".join(made).encode())


def _row(found: Diagnostic) -> list[Any]:
    place, see = found.place, [[p.file, p.line, p.column, word] for p, word in found.see]
    said = [found.code, found.what, place.file, place.line, place.column, found.mend]
    return [*said, see, found.severity, found.subject]


def _diagnostic(row: list[Any]) -> Diagnostic:
    code, what, file, line, column, mend, see, severity, subject = row
    others = tuple((Place(*place), word) for *place, word in see)
    weight = Severity(severity) if severity else None
    return Diagnostic(code, what, Place(file, line, column), mend, others, weight, subject)
