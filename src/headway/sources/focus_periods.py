"""The billing periods of a bill: which are still open, and which come from more than one export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from headway.aggregates.engine import PART
from headway.kernel.diagnostic import Remark, Severity
from headway.kernel.identity import digest
from headway.sources.base import Context
from headway.sources.focus_columns import under_focus
from headway.sources.focus_scan import Lying, Rows, Scanned
from headway.sources.focus_words import billed, by, listed, period

# A period that has ended is still billed for some days.
GRACE = timedelta(days=5)
# What tells one charge from another where a bill has no number for them.
_CHARGE = (
    "InvoiceIssuerName", "BillingAccountId", "BillingPeriodStart", "SubAccountId", "ServiceName",
    "SkuPriceId", "SkuId", "ResourceId", "RegionId", "ChargePeriodStart", "ChargePeriodEnd",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "PricingQuantity", "BilledCost", "Tags",
)  # fmt: skip
# Files that share more than this part of the smaller one's charges are two exports of the same; parts of one
# export share what is equal by chance.
_SHARED = 0.1
# Rows compared; of more, every so many-th charge is looked at.
_COMPARED = 2_000_000
_SHOWN = 6


class Closing:
    """Which billing periods are closed at a moment."""

    def __init__(self, rows: Sequence[Rows], at: datetime) -> None:
        self._periods = sorted({(r.start, r.end) for r in rows if r.start})
        self._open = sorted({(r.start, r.end, r.provider) for r in rows if _is_open(r, at)})

    @property
    def until(self) -> datetime | None:
        """The last end of a period that is open."""
        ends = [end for _, end, _ in self._open if end]
        return datetime.fromisoformat(max(ends)) if ends else None

    def remarks(self) -> Iterator[Remark]:
        """That some are open."""
        some = by(self._open, lambda one: one[:2])
        if some:
            said = [
                f"{period(*key)} of {listed(sorted({p or 'nobody named' for _, _, p in of}))}"
                for key, of in some.items()
            ]
            what = f"the billing period {listed(said)} is not closed: what rests on it is provisional"
            end = max(end for _, end in some)
            after = (datetime.fromisoformat(end) + GRACE).date().isoformat() if end else "its end"
            yield Remark("HW345", what, f"review it again from {after} on")

    def words(self) -> str:
        """The periods, for a person."""
        spans = list(dict.fromkeys(period(*p) for p in self._periods))
        shown = ", ".join(spans) if len(spans) <= _SHOWN else f"{spans[0]} to {spans[-1]} ({len(spans)})"
        if not self._open:
            return f"{shown or 'none is named'}, closed"
        return f"{shown}, open: {', '.join(dict.fromkeys(period(*o[:2]) for o in self._open))}"


def _is_open(rows: Rows, at: datetime) -> bool:
    """Whether the bill says that the period is open, or it ended less than five days ago, or will end."""
    if rows.status:
        return rows.status.casefold() == "open"
    return bool(rows.end) and datetime.fromisoformat(rows.end) > at - GRACE


def whole(rows: Iterable[Rows]) -> dict[str, str]:
    """What may come from one export only, with its amount: a billing period of an account and its issuer."""
    return {name: ", ".join(billed(some)) for name, some in by((r for r in rows if r.start), _named).items()}


def _named(rows: Rows) -> str:
    issuer, account = rows.issuer or "nobody named", rows.account or "without a name"
    return (
        f"{rows.start[:7] if rows.start[8:10] == '01' else rows.start[:10]} of account {account} by {issuer}"
    )


def repeated(lying: Lying, scanned: Scanned, context: Context) -> Iterator[Remark]:
    """Billing periods that several files of one source hold, where their charges meet in time.

    Files of different days are parts of one export, and so are files that share no charge.
    """
    meeting: dict[tuple[str, ...], list[str]] = {}
    for name, rows in by((r for r in scanned.rows if r.start and r.part), _named).items():
        files = _meeting(rows)
        if files:
            meeting.setdefault(tuple(files), []).append(name)
    for together, names in sorted(meeting.items()):
        yield _remark(together, names, twice=_share(lying, together, context) > _SHARED)


def _remark(files: tuple[str, ...], names: list[str], *, twice: bool) -> Remark:
    shown = [Path(f).name for f in files[:_SHOWN]] + [f"{len(files) - _SHOWN} more"] * (len(files) > _SHOWN)
    periods = names[:_SHOWN] + [f"{len(names) - _SHOWN} more"] * (len(names) > _SHOWN)
    what = f"{listed(periods)} comes from {listed(shown)}"
    if twice:
        what = f"{what}, which hold the same charges: their money counts twice"
        return Remark("HW346", what, "drop one of the two exports", ("path",))
    what = f"{what}, which share no charge"
    return Remark(
        "HW346", what, "nothing, if they are parts of one export; else drop one", ("path",), Severity.NOTE
    )


def _meeting(rows: Sequence[Rows]) -> list[str]:
    """The files whose charges of one period meet in time."""
    spans = sorted(
        (min(r.charged[0] for r in some), max(r.charged[1] for r in some), part)
        for part, some in by(rows, lambda r: r.part).items()
    )
    found: set[str] = set()
    last = spans[:1]
    for one in spans[1:]:
        if one[0] <= last[0][1]:
            found |= {last[0][2], one[2]}
        last = [max(last[0], one, key=lambda s: s[1])]
    return sorted(found)


def _share(lying: Lying, files: tuple[str, ...], context: Context) -> float:
    """The part of the smallest file's charges that another one holds too, remembered by their contents."""
    contents = sorted(lying.parts[f] for f in files)
    if len(set(contents)) < len(contents):
        return 1.0
    name = digest(["shared charges", contents, dict(lying.declared.columns), list(lying.declared.nullstr)])
    kept = context.memory.get(name)
    if not isinstance(kept, float):
        kept = _compared(lying, files, context)
        context.memory.put(name, kept)
    return kept


def _compared(lying: Lying, files: tuple[str, ...], context: Context) -> float:
    """The largest part of a file's charges that stands in another file too, counted from one scan."""
    # They bring DuckDB and Ibis with them.
    import ibis

    from headway.sources.file_table import numbered

    engine, raw = numbered(lying.declared, [Path(f) for f in files], context)
    table: Any = under_focus(lying.declared, raw, engine)
    texts = [table[c].cast("string").fill_null("") for c in _CHARGE if c in table.columns]
    charges = table.select(charge=ibis.literal("\x1f").join(texts).hash(), file=table[PART])
    every = max(1, lying.bound.rows // _COMPARED)
    if every > 1:
        charges = charges.filter(charges["charge"] % every == 0)
    one = charges.distinct()
    met = one.mutate(files=one.count().over(group_by="charge"))
    counts = met.group_by("file").aggregate(every=met.count(), shared=(met["files"] > 1).sum())
    return max((float(c["shared"] / c["every"]) for c in engine.fetch(counts).to_pylist()), default=0.0)
