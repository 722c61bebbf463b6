"""Groups, restrictions and histogram buckets are the same on every engine."""

import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.days import number_of, offsets
from headway.aggregates.request import (
    UNDERFLOW_BUCKET,
    ZERO_BUCKET,
    Bucket,
    Day,
    Picked,
    Request,
    Slot,
    Tag,
    count,
    greatest,
    least,
    sum_of,
    total,
)
from headway.aggregates.sums import Sums
from headway.statistics.log_histogram import GAMMA, bucket_of

Answer = Callable[..., Sums]


def counted(sums: Sums) -> dict[Any, int]:
    """Rows per group."""
    return {g if len(g) > 1 else g[0]: int(n) for g, n in zip(sums.groups, sums[count()], strict=True)}


def test_an_empty_key_is_a_group_of_its_own(place: Any, answer: Answer) -> None:
    """Rows without a key are counted apart, and not with the rows whose key is the text 'None'."""
    rows = [("a", 1), ("a", None), (None, 1), ("None", 1), (None, 1)]
    bound = place.land({"variant": "text", "cluster": "bigint"}, rows)
    assert counted(answer(bound, "variant", terms=[count()])) == {None: 2, "None": 1, "a": 2}
    assert counted(answer(bound, "variant", "cluster", terms=[count()]))[None, 1] == 2


TAGS: dict[str, Any] = {
    "env": "prod",
    "aws:user.team": "claims",
    "/path": "p",
    "$.dollar": "d",
    'quo"te': "q",
    "tilde~1": "t",
    "count": 3,
    "live": True,
    "none": None,
}


@pytest.mark.parametrize("name", [*TAGS, "absent"])
def test_a_tag_is_read_by_its_name_as_it_stands(place: Any, answer: Answer, name: str) -> None:
    """Dots, quotes and slashes in a tag's name are letters; a tag that is null or not there is empty."""
    bound = place.land({"Tags": "text"}, [(json.dumps(TAGS),), (json.dumps({"other": "x"}),), (None,)])
    value = TAGS.get(name)
    text = None if value is None else value if isinstance(value, str) else json.dumps(value)
    expected = {None: 3} if text is None else {None: 2, text: 1}
    assert counted(answer(bound, Tag("Tags", name), terms=[count()])) == expected


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
def test_quarter_hours_are_counted_in_utc_from_1970(place: Any, answer: Answer, kind: str) -> None:
    """Its last microsecond belongs to a quarter hour; moments before 1970 count backwards."""
    moments = [
        datetime(1970, 1, 1, 0, 14, 59, 999999, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 15, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    ]
    written = [m if kind == "timestamptz" else m.replace(tzinfo=None) for m in moments]
    bound = place.land({"at": kind}, [*((m,) for m in written), (None,)])
    found = counted(answer(bound, Slot("at"), terms=[count()]))
    assert found == {0: 1, 1: 1, -1: 1, int(moments[3].timestamp()) // 900: 1, None: 1}


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
)
def test_days_are_those_of_the_time_zone(place: Any, answer: Answer, kind: str, zone: str) -> None:
    """Python's own zones give the same day, before and after every change of the clocks, and by sevens."""
    draw = np.random.Generator(np.random.PCG64(5))
    seconds = [*draw.integers(1_104_537_600, 2_145_916_799, 2000).tolist()]
    edges = [start + off for start, _ in offsets(zone)[1:] for off in (-1, 0, 43_200)]
    moments = [datetime.fromtimestamp(s, UTC) for s in [*seconds, *edges]]
    written = [m if kind == "timestamptz" else m.replace(tzinfo=None) for m in moments]
    bound = place.land({"at": kind}, [*((m,) for m in written), (None,)])
    for every in (1, 7):
        found = counted(answer(bound, Day("at", zone, every), terms=[count()]))
        expected: dict[int | None, int] = {None: 1}
        for moment in moments:
            day = number_of(moment.astimezone(ZoneInfo(zone)).date()) // every
            expected[day] = expected.get(day, 0) + 1
        assert found == expected


def test_buckets_are_those_of_the_log_histogram(place: Any, answer: Answer) -> None:
    """Every value lands in the bucket that `log_histogram` gives it, over thirty decades and at zero."""
    draw = np.random.Generator(np.random.PCG64(3))
    values = np.exp(draw.uniform(math.log(1e-15), math.log(1e15), 3000)).tolist()
    bound = place.land({"used": "double precision"}, pa.table({"used": [*values, 0.0, -1.0, None]}))
    found = counted(answer(bound, Bucket("used"), terms=[count()]))
    expected: dict[int | None, int] = {ZERO_BUCKET: 2, None: 1}
    for value in values:
        expected[bucket_of(value)] = expected.get(bucket_of(value), 0) + 1
    assert found == expected


def test_a_bucket_begins_at_its_lower_edge(place: Any, answer: Answer) -> None:
    """A value a hair above or below the edge of a bucket lands on that side, on every engine alike."""
    edges = [GAMMA**k for k in range(-300, 301)]
    values = [e * (1 + s) for e in edges for s in (1e-12, -1e-12)]
    bound = place.land({"used": "double precision"}, pa.table({"used": values}))
    expected: dict[int, int] = {}
    for value in values:
        expected[bucket_of(value)] = expected.get(bucket_of(value), 0) + 1
    assert set(expected.values()) == {1, 2}
    assert counted(answer(bound, Bucket("used"), terms=[count()])) == expected


def test_a_ratio_falls_into_the_bucket_of_used_over_granted(place: Any, answer: Answer) -> None:
    """Nothing granted is no ratio; below the given share it is underflow; what is not finite is empty."""
    rows = [
        (3.0, 4.0),
        (0.0, 4.0),
        (1e-6, 4.0),
        (1.0, 0.0),
        (1.0, None),
        (math.nan, 4.0),
        (math.inf, 4.0),
    ]
    bound = place.land({"used": "double precision", "granted": "double precision"}, rows)
    found = counted(answer(bound, Bucket("used", "granted", 1e-4), terms=[count()]))
    assert found == {bucket_of(0.75): 1, ZERO_BUCKET: 1, UNDERFLOW_BUCKET: 1, None: 4}


@pytest.mark.parametrize(
    ("kind", "values", "wanted", "rows"),
    [
        ("text", ["a", "A", None], "a", 1),
        ("bigint", [1, 10, None], "1", 1),
        ("double precision", [1.0, 1.5, None], "1", 1),
        ("double precision", [1.0, 1.5, None], "1.50", 1),
        ("numeric(12,3)", [Decimal("1.500"), Decimal(15), None], "1.5", 1),
        ("boolean", [True, False, None], "true", 1),
        ("date", [date(2026, 1, 1), date(2026, 1, 2), None], "2026-01-02", 1),
        ("bigint", [1, 10, None], "one", 0),
        ("text", ["None", None, None], "None", 1),
    ],
)
def test_rows_are_taken_by_the_text_of_a_value(
    place: Any, answer: Answer, kind: str, values: list[Any], wanted: str, rows: int
) -> None:
    """`where` names a value by its text, whatever type the column has; an empty value has no text."""
    bound = place.land({"key": kind, "n": "bigint"}, [(v, 1) for v in values])
    alone = answer(bound, terms=[count(), total("n")], where=(("key", wanted),))
    assert int(alone[count()].sum()) == rows
    assert sum(alone[total("n")]) == rows


def test_two_pilots_in_one_table_are_told_apart_in_one_read(place: Any, answer: Answer) -> None:
    """Requests for different rows of one table are one scan, restricted to what anybody asks."""
    from headway.aggregates.ask import ask
    from headway.aggregates.request import Request

    rows = [("p", "a", 1), ("p", "b", 2), ("q", "a", 4), ("r", "a", 8)]
    bound = place.land({"key": "text", "variant": "text", "n": "bigint"}, rows)
    one, other = (Request("here", ("variant",), (total("n"),), where=(("key", k),)) for k in "pq")
    found = ask([one, other], {"here": bound})
    assert [list(found.sums[r][total("n")]) for r in (one, other)] == [[1, 2], [4]]
    assert bound.opened.engine.scans == 1
    assert "'r'" not in found.reads[0].sql
    assert "'p'" in found.reads[0].sql


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize(
    "until", ["2026-03-01T12:00:00.000000Z", "2026-03-01T14:00:00+02:00"], ids=["utc", "berlin"]
)
def test_rows_after_the_moment_asked_for_are_not_read(
    place: Any, answer: Answer, kind: str, until: str
) -> None:
    """Up to a moment means up to and with it, in UTC, whether or not the column or the machine has a zone."""
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(seconds=1)]
    given = [m if kind == "timestamptz" else m.replace(tzinfo=None) for m in moments]
    if kind == "timestamptz":
        given = [m.astimezone(timezone(timedelta(hours=-7))) for m in given]
    bound = place.land({"closed_at": kind}, [(m,) for m in [*given, None]])
    assert answer(bound, terms=[count()], until=("closed_at", until))[count()][0] == 2


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize(
    "since", ["2026-03-01T12:00:00.000000Z", "2026-03-01T14:00:00+02:00"], ids=["utc", "berlin"]
)
def test_rows_before_the_moment_asked_for_are_not_read(
    place: Any, answer: Answer, kind: str, since: str
) -> None:
    """From a moment on means with it, in UTC; a row without a moment is not among them."""
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(seconds=1)]
    given = [m if kind == "timestamptz" else m.replace(tzinfo=None) for m in moments]
    bound = place.land({"closed_at": kind}, [(m,) for m in [*given, None]])
    assert answer(bound, terms=[count()], since=("closed_at", since))[count()][0] == 2


BILL = [
    ("r1", None, "Usage", 1),
    ("r2", "s1", "Usage", 2),
    (None, "s1", "Credit", 1),
    ("r1", "s2", "Credit", 1),
    ("r1", "s1", None, 3),
]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Picked(("ResourceId",), ("r1", "r9")), {"r1": 3, None: 2}),
        (Picked(("SkuId", "ResourceId")), {"r1": 1, "s1": 3, "s2": 1}),
        (Picked(("SkuId", "ResourceId"), ("r1",)), {"r1": 1, None: 4}),
        (Picked(("ResourceId",), where=("ChargeCategory", ("Credit", "Tax"))), {"r1": 1, None: 4}),
        (Picked(("n",), ("1.0", "3")), {1: 3, 3: 1, None: 1}),
    ],
)
def test_a_picked_key_tells_apart_what_is_asked_about_and_nothing_else(
    place: Any, answer: Answer, key: Picked, expected: dict[Any, int]
) -> None:
    """The first value that is there, where it is one of those named and the row is of the kind named."""
    columns = {"ResourceId": "text", "SkuId": "text", "ChargeCategory": "text", "n": "bigint"}
    assert counted(answer(place.land(columns, BILL), key, terms=[count()])) == expected


def test_a_picked_tag_falls_back_on_the_next_column(place: Any, answer: Answer) -> None:
    """A name that the first document has wins over the second's; a document may be absent."""
    rows = [('{"app": "a"}', '{"app": "b"}'), ("{}", '{"app": "b"}'), (None, '{"app": "a"}'), (None, None)]
    bound = place.land({"Tags": "text", "AllocatedTags": "text"}, rows)
    key = Picked((Tag("Tags", "app"), Tag("AllocatedTags", "app")), ("a",))
    assert counted(answer(bound, key, terms=[count()])) == {"a": 2, None: 2}


def test_documents_that_repeat_are_read_once_each_and_change_no_sum(place: Any, answer: Answer) -> None:
    """Few different documents or as many as rows: the same groups, money to the last digit, the same ends."""
    columns = {
        "Tags": "text", "ChargeCategory": "text", "amount": "decimal(20, 6)", "wide": "decimal(38, 18)",
        "n": "bigint", "y": "double precision",
    }  # fmt: skip
    keys = (
        Tag("Tags", "app"), "ChargeCategory",
        Picked(
            (Tag("Tags", "team"), Tag("Tags", "app")), among=("t0", "a1"), where=("ChargeCategory", ("Tax",))
        ),
    )  # fmt: skip
    terms = [
        count(), count("y"), sum_of("y"), total("amount"), total("wide"), total("n"), least("amount"),
        greatest("n"), least("y"),
    ]  # fmt: skip

    def document(i: int, own: dict[str, int]) -> str | None:
        team = {"team": f"t{i % 3}"} if i % 4 else {}
        return json.dumps({"app": f"a{i % 2}"} | team | own) if i % 17 else None

    def asked(*, repeats: bool) -> Sums:
        rows = [
            (
                document(i, {} if repeats else {"i": i}),
                "Tax" if i % 5 == 0 else "Usage",
                Decimal(i).scaleb(-6) * (-1) ** i,
                Decimal(10**19 + i) + Decimal(i).scaleb(-18),
                i,
                None if i % 7 == 0 else i / 3,
            )
            for i in range(360)
        ]  # fmt: skip
        bound = place.land(columns, rows)
        found = answer(bound, *keys, terms=terms)
        assert ('"d0"' in bound.opened.engine.sent[-1]) == repeats
        return found

    few, many = asked(repeats=True), asked(repeats=False)
    assert few.groups == many.groups
    assert len(few.groups) > 6
    for term in terms:
        if term.kind == "sum":
            assert few[term] == pytest.approx(many[term], rel=1e-12)
        else:
            assert few[term].tolist() == many[term].tolist()


@pytest.mark.parametrize("many", [3, 40])
def test_texts_are_told_apart_however_many_are_asked_for(place: Any, answer: Answer, many: int) -> None:
    """Those asked for are groups of their own, all others and the empty ones are one."""
    wanted = tuple(f"r{i}" for i in range(many))
    rows = [(None if i % 9 == 0 else f"r{i % 60}", i) for i in range(540)]
    bound = place.land({"ResourceId": "text", "n": "bigint"}, rows)
    found = counted(answer(bound, Picked(("ResourceId",), wanted), terms=[count()]))
    seen = [name if name in wanted else None for name, _ in rows]
    assert found == {name: seen.count(name) for name in set(seen)}


@pytest.mark.parametrize("many", [2, 2000])
def test_rows_are_taken_that_have_one_of_several_values(place: Any, many: int) -> None:
    """A few are listed, thousands handed over as one text; a number is named by its value."""
    bound = place.land({"ResourceId": "text", "n": "bigint"}, [("r1", 1), ("r2", 2), ("x'\\y", 3), (None, 4)])
    named = ("r1", "x'\\y", *(f"s{i}" for i in range(many)))
    asked = [
        Request("here", ("ResourceId",), (count(),), (("ResourceId", named),)),
        Request("here", ("ResourceId",), (count(),), (("ResourceId", "r2"),)),
        Request("here", ("n",), (count(),), (("n", ("2.0", "4")),)),
    ]
    found = ask(asked, {"here": bound})
    assert not found.faults, found.faults
    assert counted(found.sums[asked[0]]) == {"r1": 1, "x'\\y": 1}
    assert counted(found.sums[asked[1]]) == {"r2": 1}
    assert counted(found.sums[asked[2]]) == {2: 1, 4: 1}
