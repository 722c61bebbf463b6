"""Sums made by an engine are those of the rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm

from headway.aggregates.ask import ask
from headway.aggregates.request import Factor, Request, count, greatest, least, sum_of, total
from headway.aggregates.sums import Sums
from headway.kernel.registry import load, names
from headway.statistics.covariates import CrossMoments

N = 4000
FIRST, LAST = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
Y, X, Z = Factor("y"), Factor("x", "zero"), Factor("x", "flag")
Answer = Callable[..., Sums]


def test_every_registered_engine_is_in_this_suite() -> None:
    """An engine that is registered is an engine that this suite runs on, under one name or another."""
    from tests.ports.conftest import ENGINES

    modules = {
        name: getattr(load("headway.engines", name), "__module__", "") for name in names("headway.engines")
    }
    assert modules
    assert set(modules.values()) == {modules[name] for name in ENGINES}


@pytest.fixture
def rows() -> dict[str, Any]:
    """Two arms of four clusters; outcome and covariate partly empty, each where the other may not be."""
    draw = np.random.Generator(np.random.PCG64(7))
    x = draw.normal(40, 3, N)
    y = 100 + 2 * x + draw.normal(0, 5, N)
    gone_y, gone_x = draw.random(N) < 0.1, draw.random(N) < 0.2
    return {
        "variant": draw.choice(["none", "ai"], N),
        "cluster": draw.integers(0, 4, N),
        "y": np.where(gone_y, np.nan, y),
        "x": np.where(gone_x, np.nan, x),
    }


@pytest.fixture
def bound(place: Any, rows: dict[str, Any]) -> Any:
    """Those rows in the engine, NaN as empty."""
    table = pa.table({c: pa.array(v, from_pandas=True) for c, v in rows.items()})
    kinds = {"variant": "text", "cluster": "bigint", "y": "double precision", "x": "double precision"}
    return place.land(kinds, table)


def test_sums_of_complete_rows_are_those_of_the_rows(
    bound: Any, rows: dict[str, Any], answer: Answer
) -> None:
    """Counts, sums and cross products over complete rows equal those of the rows, per group, to 1e-10."""
    both = ("x", "y")
    terms = [count(), count("y"), count(*both), sum_of("y"), sum_of("y", "y")]
    terms += [sum_of(c, complete=both) for c in both] + [sum_of("x", "y", complete=both)]
    sums = answer(bound, "variant", "cluster", terms=terms)
    assert len(sums.groups) == 8
    cx, cy = sums.shift["x"], sums.shift["y"]
    for at, (arm, cluster) in enumerate(sums.groups):
        here = (rows["variant"] == arm) & (rows["cluster"] == cluster)
        y, x = rows["y"][here] - cy, rows["x"][here] - cx
        whole = ~np.isnan(y) & ~np.isnan(x)
        expected = [here.sum(), (~np.isnan(y)).sum(), whole.sum(), np.nansum(y), np.nansum(y * y)]
        expected += [x[whole].sum(), y[whole].sum(), (x * y)[whole].sum()]
        found = [sums[t][at] for t in terms]
        assert found == pytest.approx([float(v) for v in expected], rel=1e-10, abs=1e-9)


def test_an_empty_covariate_counts_as_its_mean_and_is_flagged(
    bound: Any, rows: dict[str, Any], answer: Answer
) -> None:
    """Imputed and flagged products, over rows with an outcome, give the regression of those very rows."""
    terms = [count("y"), sum_of(Y), sum_of(Y, Y), sum_of(Y, X), sum_of(Y, Z)]
    terms += [sum_of(f, complete=("y",)) for f in (X, Z)]
    terms += [sum_of(a, b, complete=("y",)) for a, b in ((X, X), (X, Z), (Z, Z))]
    sums = answer(bound, terms=terms)
    n, sy, syy, syx, syz, sx, sz, sxx, sxz, szz = (float(sums[t][0]) for t in terms)
    shift = np.array([sums.shift["y"], sums.shift["x"], 0.0])
    second = np.array([[syy, syx, syz], [syx, sxx, sxz], [syz, sxz, szz]])
    moments = CrossMoments.from_sums(int(n), np.array([sy, sx, sz]), second, shift)
    slopes = np.linalg.solve(moments.scatter[1:, 1:], moments.scatter[1:, 0])

    measured = ~np.isnan(rows["y"])
    x, y = rows["x"][measured], rows["y"][measured]
    filled = np.where(np.isnan(x), sums.shift["x"], x)
    fitted = sm.OLS(y, sm.add_constant(np.column_stack([filled, np.isnan(x).astype(float)]))).fit()
    assert n == measured.sum()
    assert slopes == pytest.approx(fitted.params[1:], rel=1e-10)


def test_booleans_and_integers_are_numbers(place: Any, answer: Answer) -> None:
    """A yes-or-no column is summed as 0 and 1, an integer as itself, and both multiply."""
    bound = place.land(
        {"done": "boolean", "k": "integer"}, [(True, 3), (False, 4), (True, None), (None, 7), (True, 5)]
    )
    sums = answer(
        bound,
        terms=[
            count("done"),
            sum_of("done"),
            sum_of("done", "k"),
            sum_of("k", "k"),
            total("done"),
            total("k"),
        ],
    )
    cd, ck = sums.shift.get("done", 0.0), sums.shift["k"]
    done, k = np.array([1, 0, 1, np.nan, 1]) - cd, np.array([3, 4, np.nan, 7, 5]) - ck
    assert sums[count("done")][0] == 4
    assert sums[sum_of("done")][0] == pytest.approx(np.nansum(done), abs=1e-12)
    assert sums[sum_of("done", "k")][0] == pytest.approx(np.nansum(done * k), abs=1e-12)
    assert sums[sum_of("k", "k")][0] == pytest.approx(np.nansum(k * k), abs=1e-12)
    assert (sums[total("done")][0], sums[total("k")][0]) == (Decimal(3), Decimal(19))


def test_ends_are_kept_and_moments_are_utc(place: Any, answer: Answer) -> None:
    """The ends of a column are the rows' own; moments come back in UTC, with their zone."""
    rows = [
        ("a", 2.5, FIRST.replace(tzinfo=None), FIRST),
        ("a", -1.0, LAST.replace(tzinfo=None), LAST),
        ("b", None, None, None),
    ]  # fmt: skip
    bound = place.land(
        {"variant": "text", "y": "double precision", "plain": "timestamp", "zoned": "timestamptz"}, rows
    )
    terms = [end(c) for c in ("y", "plain", "zoned") for end in (least, greatest)]
    sums = answer(bound, "variant", terms=terms)
    assert [sums[t][0] for t in terms] == [-1.0, 2.5, FIRST, LAST, FIRST, LAST]
    assert [sums[t][1] for t in terms] == [None] * 6
    assert sums[least("plain")][0].tzinfo is UTC


def test_a_summed_column_counts_only_complete_rows(place: Any, answer: Answer) -> None:
    """A total over complete rows leaves out those in which the other column is empty."""
    bound = place.land(
        {"n": "bigint", "sum_x": "double precision", "sum_xx": "double precision"},
        [(10, 1.5, 2.5), (20, 3.25, None), (5, 0.5, 0.25)],
    )
    complete = ("sum_xx",)
    terms = [total("n", complete), total("sum_x", complete), total("sum_xx", complete), total("n")]
    sums = answer(bound, terms=terms)
    assert [sums[t][0] for t in terms] == [Decimal(15), Decimal(2), Decimal("2.75"), Decimal(35)]


def test_an_empty_table_answers_zero(place: Any, answer: Answer) -> None:
    """Without rows there is no group, and without keys one group of zeros."""
    bound = place.land({"variant": "text", "y": "double precision"}, pa.table({"variant": [], "y": []}))
    terms = [count(), count("y"), sum_of("y"), sum_of("y", "y"), total("y"), least("y")]
    by_arm = answer(bound, "variant", terms=terms)
    assert by_arm.groups == ()
    assert [len(by_arm[t]) for t in terms] == [0] * 6
    assert [answer(bound, terms=terms)[t][0] for t in terms] == [0, 0, 0.0, 0.0, Decimal(0), None]


def test_more_sums_than_one_answer_holds_take_two_statements(place: Any, answer: Answer) -> None:
    """Beyond 1,600 sums the rest comes from another scan, about the same shifts, and nothing is lost."""
    columns = [f"m{i:02d}" for i in range(60)]
    draw = np.random.Generator(np.random.PCG64(1))
    data = draw.normal(50, 1, (40, 60))
    table = pa.table({c: data[:, i] for i, c in enumerate(columns)})
    bound = place.land(dict.fromkeys(columns, "double precision"), table)
    terms = [sum_of(a, b) for i, a in enumerate(columns) for b in columns[i:]]
    assert len(terms) > 1600
    sums = answer(bound, terms=terms)
    moved = data - np.array([sums.shift[c] for c in columns])
    products = moved.T @ moved
    expected = [products[i, j] for i in range(60) for j in range(i, 60)]
    assert [sums[t][0] for t in terms] == pytest.approx(expected, rel=1e-10, abs=1e-10)
    assert bound.opened.engine.scans == 2


def test_equal_questions_are_asked_once(bound: Any) -> None:
    """Two measures with the same question share one scan, both are named, and each finds the answer."""
    one, other = (Request("here", ("variant",), (sum_of("y"),), serves=who) for who in ("effect", "srm"))
    found = ask([one, other], {"here": bound})
    assert bound.opened.engine.scans == 1
    assert found.reads[0].serves == ("effect", "srm")
    assert (found.reads[0].scans, found.sums[one] is found.sums[other]) == (1, True)
