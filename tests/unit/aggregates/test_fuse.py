"""Many questions become few reads."""

from headway.aggregates.fuse import fuse
from headway.aggregates.request import Bucket, Key, Request, count, sum_of

METRICS = [f"m{i}" for i in range(20)]


def ask(*keys: Key, metric: str = "y", source: str = "pilot", **more: object) -> Request:
    """A question of one metric."""
    return Request(source, keys, (count(metric), sum_of(metric)), **more)  # type: ignore[arg-type]


def test_twenty_metrics_of_one_fact_are_one_read() -> None:
    """Twenty measures that ask one table by the same keys are served by one query."""
    (query,) = fuse(ask("variant", "cluster", metric=m, serves=f"effect of {m}") for m in METRICS)
    assert len(query.terms) == 40
    assert sorted(query.serves) == sorted(f"effect of {m}" for m in METRICS)


def test_a_coarser_question_is_answered_from_the_finest() -> None:
    """By arm, by cluster and in all: one read by arm and cluster answers them."""
    requests = [ask(), ask("variant"), ask("cluster", "variant"), ask("cluster")]
    (query,) = fuse(requests)
    assert query.keys == ("cluster", "variant")
    assert set(query.answers) == set(requests)


def test_keys_that_do_not_nest_are_two_reads() -> None:
    """By cluster and by stratum: neither holds the other, and both together could be as many as the rows."""
    assert [q.keys for q in fuse([ask("cluster"), ask("stratum"), ask()])] in (
        [("cluster",), ("stratum",)],
        [("stratum",), ("cluster",)],
    )


def test_histograms_are_read_apart() -> None:
    """A question by bucket does not make every other question one of thousands of buckets."""
    histogram = ask("variant", Bucket("y"))
    queries = fuse([histogram, ask("variant"), ask()])
    assert sorted(len(q.answers) for q in queries) == [1, 2]


def test_rows_are_restricted_to_what_anybody_asks() -> None:
    """Two pilots in one table are one read of both; a third question without restriction takes all rows."""
    p, q = (ask("variant", where=(("key", k),)) for k in "pq")
    (both,) = fuse([p, q])
    assert (both.keys, both.where) == (("key", "variant"), (("key", ("p", "q")),))
    (everything,) = fuse([p, q, ask("variant")])
    assert (everything.keys, everything.where) == (("key", "variant"), ())


def test_restrictions_by_other_columns_are_still_one_read() -> None:
    """One question restricted by pilot, one by country, one by cluster: the columns tell their rows apart."""
    pilot = ask("variant", where=(("key", "p"),))
    country = ask("variant", where=(("country", "DE"),))
    (query,) = fuse([pilot, country, ask("variant", "cluster")])
    assert (query.keys, query.where) == (("cluster", "country", "key", "variant"), ())


def test_sources_and_moments_are_read_apart() -> None:
    """Two tables are two reads, and so are two moments of one."""
    requests = [ask(source="a"), ask(source="b"), ask(source="b", until=("ts", "2026-01-01T00:00:00Z"))]
    assert [(q.source, q.until is None) for q in fuse(requests)].count(("b", True)) == 1
    assert len(fuse(requests)) == 3


def test_rows_from_a_moment_on_are_another_question() -> None:
    """Rows since a start are read apart, and the digest of what is asked says so."""
    every, later = ask("variant"), ask("variant", since=("ts", "2026-01-01T00:00:00Z"))
    assert [q.since for q in fuse([every, later])].count(None) == 1
    assert len(fuse([every, later])) == 2
    assert every.digest != later.digest


def test_a_digest_names_the_question_not_who_asks() -> None:
    """Order of terms and the asker do not matter; keys, rows and sums do."""
    one = Request("s", ("variant",), (count(), sum_of("y")), serves="effect")
    same = Request("s", ("variant",), (sum_of("y"), count()), serves="srm")
    assert one.digest == same.digest
    others = [
        Request("t", ("variant",), (count(), sum_of("y"))),
        Request("s", (), (count(), sum_of("y"))),
        Request("s", ("variant",), (count(),)),
        Request("s", ("variant",), (count(), sum_of("y")), where=(("key", "p"),)),
    ]
    assert len({r.digest for r in (one, *others)}) == 5
