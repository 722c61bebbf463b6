"""Diagnostics, errors, estimates, the clock and the registry."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headway.kernel import codes, registry
from headway.kernel.clock import end_of_day, now, parse_as_of
from headway.kernel.diagnostic import Diagnostic, Place, Severity, has_errors, in_order
from headway.kernel.errors import HeadwayError, LedgerFault, SourceFault, scrub
from headway.kernel.estimate import Estimate, Grade, significant, worst

TWICE = Diagnostic(
    "HW102",
    "'accountable' is given twice",
    Place("initiatives/copilot.yaml", 9, 5),
    "keep one of the two",
    see=((Place("initiatives/copilot.yaml", 4, 5), "first given here"),),
)
KNOWN = Estimate(
    value=0.123456789012345, low=0.1, high=0.2, level=0.95, unit="share", n=7, method="m", grade=Grade.B,
    detail={"se": 0.0123456789012345, "arm": "a"},
)  # fmt: skip


def test_a_diagnostic_reads_in_the_house_form() -> None:
    """Place, weight, code, what, where else, and one action that mends it."""
    assert str(TWICE) == (
        "initiatives/copilot.yaml:9:5: error[HW102] 'accountable' is given twice\n"
        "  see initiatives/copilot.yaml:4:5: first given here\n"
        "  mend: keep one of the two"
    )


def test_findings_are_sorted_by_place_and_said_once() -> None:
    """The same finding twice is one finding; files in order, then lines."""
    later = replace(TWICE, place=Place("z.yaml", 1, 1))
    earlier = replace(TWICE, place=Place("initiatives/copilot.yaml", 2, 1))
    assert in_order([later, TWICE, earlier, TWICE]) == (earlier, TWICE, later)


def test_only_errors_count_as_errors() -> None:
    """A code has its own weight, which one finding may lower."""
    note = replace(TWICE, severity=Severity.NOTE)
    assert has_errors([note, TWICE])
    assert not has_errors([note])
    assert Diagnostic("HW151", "w", Place("a"), "m").level is Severity.WARNING


def test_a_code_nobody_registered_is_our_fault() -> None:
    """A diagnostic can only be made of a known code."""
    with pytest.raises(ValueError, match="HW999"):
        Diagnostic("HW999", "what", Place("a"), "mend")


def test_codes_are_well_formed() -> None:
    """Every code is HW and three digits, has a weight that exists, and says what it means."""
    for name, code in codes.CODES.items():
        assert name[:2] == "HW"
        assert name[2:].isdigit()
        assert Severity(code.severity)
        assert code.title[0].islower() or code.title[0].isupper()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgresql://ann:s3cret@db/claims", "postgresql://ann:***@db/claims"),
        ("GET /x?token=abc&y=1", "GET /x?token=***&y=1"),
        ("PASSWORD=abc rest", "PASSWORD=*** rest"),
        ("no secret here", "no secret here"),
    ],
)
def test_secrets_are_taken_out_of_messages(text: str, clean: str) -> None:
    """Passwords in addresses, and tokens in queries, never reach a reader."""
    assert scrub(text) == clean


def test_errors_say_what_was_attempted_on_what_and_what_to_do() -> None:
    """Run-time faults carry their mend; those of sources and the ledger carry a code."""
    plain = HeadwayError("open", "postgresql://a:b@c/d", "refused", "start it")
    assert str(plain) == "cannot open postgresql://a:***@c/d: refused"
    source = SourceFault("HW306", "claims", "down", "wait")
    assert (source.code, str(source), source.mend) == ("HW306", "cannot read claims: down", "wait")
    ledger = LedgerFault("HW610", "append to", "locked", "wait")
    assert (ledger.code, str(ledger)) == ("HW610", "cannot append to the ledger: locked")


def test_grades_are_ordered_from_a_to_d() -> None:
    """A is at least B; a chain is as good as its worst link."""
    assert [Grade.A.at_least(Grade.B), Grade.B.at_least(Grade.B), Grade.C.at_least(Grade.B)] == [
        True,
        True,
        False,
    ]
    assert worst(Grade.B, Grade.D, Grade.A) is Grade.D


def test_estimates_are_stored_at_twelve_digits() -> None:
    """Threads and engines may differ in the thirteenth digit; details are rounded too, texts are kept."""
    rounded = KNOWN.rounded()
    assert rounded.value == 0.123456789012
    assert rounded.detail == {"se": 0.0123456789012, "arm": "a"}
    assert rounded.as_json()["value"] == 0.123456789012
    assert "grade" not in rounded.as_json()


def test_an_estimate_knows_whether_it_is_a_number() -> None:
    """One end that is not finite spoils it."""
    assert KNOWN.finite
    assert not replace(KNOWN, high=math.inf).finite
    assert significant(math.inf) == math.inf


def test_a_bare_date_means_all_that_day_knew() -> None:
    """The last instant of the day in the portfolio's time zone, summer time included."""
    assert end_of_day(datetime(2026, 7, 1, tzinfo=UTC).date(), "Europe/Berlin").utcoffset() is not None
    assert parse_as_of("2026-07-01", "Europe/Berlin").isoformat() == "2026-07-01T23:59:59.999999+02:00"


def test_a_moment_keeps_its_zone_or_takes_the_portfolios() -> None:
    """A full moment is taken as written."""
    assert parse_as_of("2026-07-01T12:00:00Z", "Europe/Berlin") == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert parse_as_of("2026-07-01T12:00:00", "Europe/Berlin") == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-1-1"])
def test_no_other_moment(text: str) -> None:
    """A day that does not exist, or a word, is refused with the form to write."""
    with pytest.raises(ValueError, match="is not a date"):
        parse_as_of(text, "UTC")


def test_the_clock_tells_utc() -> None:
    """This moment carries its zone."""
    assert now().tzinfo is UTC


def test_plug_ins_are_found_by_group_and_name() -> None:
    """What is registered can be listed without being imported, and loaded by name."""
    assert {"file", "sql"} <= set(registry.names("headway.sources"))
    assert callable(registry.load("headway.sources", "file"))


def test_an_unknown_group_or_name_is_a_key_error() -> None:
    """Nothing is guessed."""
    with pytest.raises(KeyError):
        registry.names("headway.spells")
    with pytest.raises(KeyError):
        registry.load("headway.sources", "crystal-ball")
