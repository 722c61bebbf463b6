"""What was promised is set beside what was realised, one season after it and no sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binomtest
from tests.unit.measures.loads import at, load

from headway.facts.act import Act
from headway.measures.spend.advice import Advice, Coverage, Interval
from headway.measures.spend.load import Load
from headway.measures.spend.realised import (
    ACT,
    Applied,
    Outcome,
    applied_to,
    outcomes,
    records,
    share_interval,
)

APPLIED = Applied(
    "pool", "w", "gpu", "devices", 1.0, 0.4, Interval(0.6, 0.5, 0.7), 24, "headway", False, at(48), 7
)


def held(*grants: tuple[float, float]) -> Load:
    """A workload that holds each grant for so many hours."""
    granted = np.concatenate([np.full(round(hours), grant) for hours, grant in grants])
    return replace(load(np.full(granted.size, 0.1)), granted=granted)


def outcome(*grants: tuple[float, float], as_of: datetime | None = None) -> Outcome:
    """What became of the advice where these grants were held."""
    (found,) = outcomes([APPLIED], [held(*grants)], as_of or at(100))
    return found


def test_the_saving_is_that_of_the_season_after_it() -> None:
    """What was granted before, and what came after a day, does not count."""
    found = outcome((48, 1.0), (24, 0.4), (30, 1.0))
    assert found.realised == pytest.approx(0.6)
    assert (found.state, found.inside) == ("closed", True)


def test_a_promise_that_was_not_kept_is_told() -> None:
    """A grant that was raised again half-way saves less than was promised."""
    found = outcome((48, 1.0), (12, 0.4), (40, 1.0))
    assert found.realised == pytest.approx(0.3)
    assert found.inside is False


def test_an_entry_stays_open_until_a_season_is_over() -> None:
    """Nothing is said of it on the evening of the first day."""
    found = outcome((48, 1.0), (12, 0.4), as_of=at(60))
    assert (found.state, found.realised, found.inside) == ("open", None, None)
    assert found.why == "its saving is measured on 2026-01-04"


def test_an_entry_stays_open_where_its_use_is_not_there() -> None:
    """A meter that fell silent, or that does not know the workload, closes nothing."""
    silent = outcome((48, 1.0), (12, 0.4), as_of=at(100))
    assert (silent.state, silent.why) == ("open", "50 % of its bins after it are there, 90 % are needed")
    (unknown,) = outcomes([APPLIED], [], at(100))
    assert (unknown.state, unknown.why) == ("open", "its use is not metered")
    (nothing,) = outcomes([APPLIED], [held((40, 1.0))], at(100))
    assert nothing.why == "0 % of its bins after it are there, 90 % are needed"


def test_another_advice_within_the_season_takes_its_place() -> None:
    """Only the later one is measured; one on another resource changes nothing."""
    later = replace(APPLIED, at=at(60), seq=8)
    found = outcomes([APPLIED, later], [held((60, 1.0), (40, 0.4))], at(100))
    assert [one.state for one in found] == ["superseded", "closed"]
    assert found[0].why == "another advice was applied on 2026-01-03"
    other = replace(later, resource="cpu")
    assert outcomes([APPLIED, other], [held((48, 1.0), (40, 0.4))], at(100))[0].state == "closed"


def test_what_had_nothing_cannot_save() -> None:
    """Of a grant of nought nothing can be saved."""
    (found,) = outcomes([replace(APPLIED, granted=0.0)], [held((48, 1.0), (40, 0.4))], at(100))
    assert found.realised == 0.0


def test_each_recommender_has_its_record() -> None:
    """Mean promised, mean realised, how many inside; a person who promised nothing is not judged."""
    kept = outcome((48, 1.0), (40, 0.4))
    missed = outcome((48, 1.0), (40, 0.9))
    by_person = replace(kept, applied=replace(APPLIED, recommender="ann", promised=None))
    waits = Outcome(replace(APPLIED, recommender="krr"), "open")
    ann, ours, krr = records([kept, missed, by_person, waits])
    assert (ours.recommender, ours.closed, ours.inside, ours.judged) == ("headway", 2, 1, 2)
    assert ours.promised == pytest.approx(0.6)
    assert ours.realised == pytest.approx(0.35)
    assert ann.realised == pytest.approx(0.6)
    assert (ann.closed, ann.promised, ann.judged) == (1, None, 0)
    assert (krr.open, krr.closed, krr.promised, krr.realised) == (1, 0, None, None)


def test_an_act_reads_back_as_it_was_written() -> None:
    """Through the body of its entry; what is no such act, or damaged, or later, is left out."""
    act = Act(7, APPLIED.at, "ann", ACT, "pool", APPLIED.as_body())
    bare = replace(APPLIED, promised=None, randomised=True)
    acts = [
        act,
        replace(act, body=bare.as_body()),
        replace(act, act="decision"),
        replace(act, subject="other"),
        replace(act, body={"workload": "w"}),
        replace(act, body={**APPLIED.as_body(), "granted": "much"}),
        replace(act, at=APPLIED.at + timedelta(days=1)),
    ]
    assert applied_to(acts, {"pool"}, APPLIED.at) == (APPLIED, bare)


def test_only_what_proposes_something_can_be_applied() -> None:
    """An advice that was refused for want of history has no grant."""
    advice = Advice("w", "gpu", "devices", 1.0, None, "keep", Coverage("none"), (at(0), at(48)), at(72))
    with pytest.raises(ValueError, match="nothing is proposed"):
        Applied.of_advice("pool", advice, at(48))
    made = Applied.of_advice("pool", replace(advice, proposed=0.4), at(48), "vpa", randomised=True)
    assert (made.proposed, made.recommender, made.randomised, made.promised) == (0.4, "vpa", True, None)
    assert made.due == at(72)


@pytest.mark.parametrize(("kept", "of"), [(0, 3), (9, 10), (10, 10), (37, 40)])
def test_a_share_of_promises_has_wilson_s_interval(kept: int, of: int) -> None:
    """As scipy gives it."""
    found = share_interval(kept, of)
    known = binomtest(kept, of).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)
