"""What is to be said about a FOCUS bill: counts, money and an example for every finding, and its mend."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from headway.kernel.diagnostic import Remark, Severity
from headway.kernel.errors import SourceFault
from headway.sources.base import Context
from headway.sources.focus_columns import NEEDED
from headway.sources.focus_periods import Closing, repeated, whole
from headway.sources.focus_rules import (
    AI,
    BILLED_FRACTION,
    COMMITTED,
    EFFECTIVE_EMPTY,
    EFFECTIVE_FRACTION,
    EFFECTIVE_ZERO,
    NULL_TEXT,
    UNREADABLE,
    UNTAGGED,
    WASTED,
    every_rule,
)
from headway.sources.focus_scan import Lying, Scanned
from headway.sources.focus_words import billed, by, counted, listed, quoted, summed, where

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan says about a bill.

    Attributes:
        remarks: findings.
        rounded: providers and starts of billing periods whose EffectiveCost was rounded to whole numbers.
        whole: issuer, account and billing period to the amount billed in it.
        noted: version, currency, periods, for a person.
        open_until: the last end of a billing period that is not closed.
    """

    remarks: tuple[Remark, ...]
    rounded: frozenset[tuple[str, str]]
    whole: Mapping[str, str]
    noted: Mapping[str, str]
    open_until: datetime | None


def find(lying: Lying, scanned: Scanned, context: Context) -> Found:
    """Everything that is to be said about a bill.

    Raises:
        SourceFault: HW304 amounts or moments that nothing can be counted without cannot be read.
    """
    declared = lying.declared
    _refuse(declared.source, scanned)
    rounded = _rounded(scanned, declared.cost_basis)
    closing = Closing(scanned.rows, datetime.fromisoformat(context.as_of))
    remarks = (
        *_version(scanned),
        *_absent(scanned),
        *_of_rules(scanned),
        *_rounding(scanned, rounded),
        *_basis(declared.cost_basis, scanned),
        *closing.remarks(),
        *repeated(lying, scanned, context),
    )
    noted = {
        "version": _version_words(scanned),
        "billed": ", ".join(billed(scanned.rows)) or "no row",
        "providers": ", ".join(sorted({r.provider or "none named" for r in scanned.rows})),
        "billing periods": closing.words(),
        **{said: _part(scanned, rule) for said, rule in _NOTED.items() if scanned.having(rule)},
    }
    return Found(
        tuple(sorted(remarks, key=lambda r: r.code)), rounded, whole(scanned.rows), noted, closing.until
    )


_NOTED = {
    "AI and Machine Learning": AI,
    "without tags": UNTAGGED,
    "commitments used": COMMITTED,
    "commitments unused": WASTED,
}


def _part(scanned: Scanned, rule: str) -> str:
    rows = scanned.having(rule)
    return f"{counted(rows)} of {counted(scanned.rows)} rows, {', '.join(billed(rows))}"


def _refuse(source: str, scanned: Scanned) -> None:
    """Nothing is counted from a bill whose amounts are not known.

    The literal text NULL where a number should be says how the whole bill writes what is absent, so its texts
    cannot be trusted either.
    """
    nulls = _ending(scanned, NULL_TEXT)
    if nulls:
        rows = scanned.having(*(f"{c}{NULL_TEXT}" for c in nulls))
        what = f"the text NULL stands in {listed(nulls)}, {where(rows)}: it means that there is no value"
        raise SourceFault("HW304", source, what, 'add nullstr: "NULL"')
    for column in NEEDED:
        rows = scanned.having(f"{column}{UNREADABLE}")
        if rows:
            kind = "moment" if column.startswith("Charge") else "amount"
            what = f"{column} is no {kind} {where(rows)}"
            raise SourceFault("HW304", source, what, "correct the value, or name it under `nullstr`")


def _ending(scanned: Scanned, end: str) -> list[str]:
    broken = {name for r in scanned.rows for name in r.broken}
    return sorted(name.removesuffix(end) for name in broken if name.endswith(end))


def _version(scanned: Scanned) -> Iterator[Remark]:
    version = scanned.version
    if version.declared not in (None, version.detected):
        what = f"FOCUS {version.declared} is declared, and the columns are those of {version.detected}"
        yield Remark(
            "HW340", what, f'write version: "{version.detected}", or bind the other export', ("version",)
        )


def _version_words(scanned: Scanned) -> str:
    told = "declared" if scanned.version.declared else "told by its columns"
    return f"FOCUS {scanned.version.in_force}, {told}"


def _absent(scanned: Scanned) -> Iterator[Remark]:
    lacking = [c for c in scanned.version.mandatory() if c not in scanned.columns]
    if lacking:
        named = [c.removeprefix("x_") for c in lacking]
        what = f"FOCUS {scanned.version.in_force} demands {listed(named)}, and the bill has no such column"
        mend = f"map it under `columns`: {{{named[0]}: ...}}, or ask for a whole export"
        yield Remark("HW341", what, mend, ("columns",), Severity.WARNING)


def _of_rules(scanned: Scanned) -> Iterator[Remark]:
    """One finding for each rule that rows break."""
    every = every_rule()
    broken = {name for r in scanned.rows for name in r.broken}
    for name in sorted(n for n in broken if n in every and every[n].code):
        rule, rows = every[name], scanned.having(name)
        needed = set(rule.needs) <= set(NEEDED)
        heavy = None if rule.code != "HW341" or needed else Severity.WARNING
        yield Remark(rule.code, f"{rule.says} {where(rows)} ({name})", _MENDS[rule.code], (), heavy)


_MENDS = {
    "HW304": "correct the values, or name them under `nullstr`; until then they count as absent",
    "HW341": "ask for the values, or map another column under `columns`; the rows keep their BilledCost",
    "HW344": "ask whoever exports the bill which of the two is right; the rows are counted as they stand",
    "HW361": "report it to whoever exports the bill; the rows are counted as they stand",
}


def _rounded(scanned: Scanned, declared: Collection[str]) -> frozenset[tuple[str, str]]:
    """Providers and periods with whole numbers only in EffectiveCost, and others in BilledCost."""
    if "EffectiveCost" not in scanned.columns:
        return frozenset()
    found = set()
    for key, rows in by(scanned.rows, lambda r: (r.provider, r.start)).items():
        filled = any(EFFECTIVE_EMPTY not in r.broken for r in rows)
        fractions = {name for r in rows for name in r.broken}
        if filled and BILLED_FRACTION in fractions and EFFECTIVE_FRACTION not in fractions:
            found.add(key)
    return frozenset(key for key in found if key[0] not in declared)


def _rounding(scanned: Scanned, rounded: frozenset[tuple[str, str]]) -> Iterator[Remark]:
    if not rounded:
        return
    said, names = [], sorted({provider for provider, _ in rounded})
    for provider in names:
        rows = [r for r in scanned.rows if (r.provider, r.start) in rounded and r.provider == provider]
        zero = sum(r.rows for r in rows if EFFECTIVE_ZERO in r.broken)
        many = f"{counted(rows)} rows" + (f", {zero:,} of them 0" if zero else "")
        amounts = f"EffectiveCost {summed(rows, 1)} against BilledCost {summed(rows, 0)}"
        said.append(f"{provider or 'rows without a provider'} ({many}, {amounts})")
    found = "EffectiveCost holds whole numbers only, and BilledCost does not"
    basis = ", ".join(f"{quoted(provider)}: BilledCost" for provider in names if provider)
    mend = f"add cost_basis: {{{basis}}}, or ask for an export with all digits"
    yield Remark(
        "HW342",
        f"{found}, for {listed(said)}: it was rounded, and BilledCost counts in its place",
        mend,
        ("cost_basis",),
    )


def _basis(declared: Mapping[str, str], scanned: Scanned) -> Iterator[Remark]:
    known = sorted({r.provider for r in scanned.rows if r.provider})
    for provider, column in declared.items():
        if provider not in known:
            near = difflib.get_close_matches(provider, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            what = f"cost_basis names '{provider}', and the bill has no such provider{hint}"
            mend = f"use one of: {', '.join(known[:_SHOWN]) or 'none is named in the bill'}"
            yield Remark("HW360", what, mend, ("cost_basis", provider))
        elif column not in scanned.columns:
            what = f"cost_basis counts '{provider}' with {column}, and the bill has no such column"
            yield Remark("HW360", what, f"write {quoted(provider)}: BilledCost", ("cost_basis", provider))
