"""Whatever a person writes into a portfolio, the answer is a list of findings and never a traceback."""

import copy
import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from headway.portfolio.check import check, report
from headway.portfolio.load import load
from headway.portfolio.nodes import Plain

# JSON is YAML: a document in flow style, its scalars in quotes.
DOCUMENTS: dict[str, dict[str, Plain]] = {
    "portfolio.yaml": {
        "headway": "1", "portfolio": "harbour", "currency": "EUR", "time_zone": "Europe/Berlin",
        "as_of": "2026-03-31",
        "promotion_budget": {"share": "10 %", "slots": "5", "envelope": "2000000 EUR", "year": "2026"},
        "operating_model": {"extends": "starter@1", "set": {"a.b": {"mode": "observe"}}, "drop": ["c.d"]},
        "lexicon": {"tool_words": ["contoso-bot"]}, "north_star": "reopened",
    },
    "people.yaml": {
        "people": "harbour", "persons": [{"id": "ann", "active_until": "2027-01-01"}, {"id": "ben"}],
        "seats": [{"id": "head", "holder": "ann", "deputy": "ben"}],
        "functions": {"finance": {"lead": "ben"}},
    },
    "source.yaml": {"source": "replies", "kind": "sql", "engine": "${URL}", "table": "t", "fact": "unit"},
    "outcome.yaml": {
        "outcome": "reopened", "customer": "private customers",
        "metric": {"name": "reopened", "unit": "share", "better": "lower"}, "baseline": {"value": "19 %"},
        "drives": [{"to": "cost", "kind": "causal", "slope": ["1 EUR", "2 EUR", "3 EUR"], "owner": "ben",
                    "valid_until": "2026-12-31", "attested_by": "ben", "volume": "9 per year"}],
    },
    "line.yaml": {"outcome": "cost", "line": "cost", "cashable": "yes"},
    "initiative.yaml": {
        "initiative": "replies", "problem": "agents retype twenty requests a day, and claims are reopened",
        "outcome": "reopened", "accountable": "head", "sponsor": "ben", "stage": "piloting",
        "allow": ["HW151: so be it", {"code": "HW155", "reason": "r"}],
        "cost": {"select": [{"tag": {"a": "b"}}],
                 "people": [{"role": "r", "share": "50 %", "rate": "9 EUR per month"}]},
        "forecast": {"line": "cost", "per_year": "[1, 2, 3] EUR"},
        "pilot": {
            "design": "randomised", "source": "replies", "arms": {"control": "50 %", "assisted": "50 %"},
            "metric": "reopened", "objective": {"change": "-10 %", "scale": "relative"},
            "looks": "daily",
            "plan": {"units": "2400", "icc": "0.1"}, "dates": {"starts": "2026-01-12", "ends": "2026-04-12"},
            "guardrails": [{"metric": "complaints", "kind": "count", "worse": "up",
                            "margin": {"ratio": "1.1"}}],
            "window": {"length": "14d"}, "budget": "80000 EUR",
        },
    },
}  # fmt: skip
WORDS = st.sampled_from(
    ["", "~", "no", "nan", "inf", "-1", "1e999", "9" * 400, "HW150: x", "[1, 2] EUR", "a@1", "é", "a-b"]
)
LEAVES = WORDS | st.text("abcx01%[]-: ", max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(LEAVES, inner, max_size=2),
    max_leaves=4,
)


def _places(value: Plain, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [inner for step, child in steps for inner in ((*path, step), *_places(child, (*path, step)))]


SPOTS = [(file, path) for file, document in DOCUMENTS.items() for path in _places(document)]


def _checked(documents: dict[str, dict[str, Plain]]) -> tuple[set[str], str]:
    with tempfile.TemporaryDirectory() as name:
        for file, document in documents.items():
            (Path(name) / file).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        loaded = load(Path(name))
        found = check(loaded)
        return {finding.place.file for finding in found}, report(found, len(loaded.files))


def test_the_portfolio_to_start_from_is_sound() -> None:
    """Otherwise the changes below would prove nothing."""
    assert _checked(DOCUMENTS) == (set(), "0 errors, 0 warnings in 6 files")
    assert len(SPOTS) > 80


@given(st.lists(st.tuples(st.sampled_from(SPOTS), VALUES), min_size=1, max_size=3))
def test_no_value_anywhere_makes_it_raise(
    changes: list[tuple[tuple[str, tuple[str | int, ...]], Plain]],
) -> None:
    """Any value at any key gives findings, each in one of the files, and a last line that counts them."""
    documents = copy.deepcopy(DOCUMENTS)
    for (file, path), value in changes:
        _put(documents[file], path, value)
    files, text = _checked(documents)
    assert files <= set(DOCUMENTS)
    assert text.splitlines()[-1].endswith("in 6 files")


def _put(holder: Plain, path: tuple[str | int, ...], value: Plain) -> None:
    """Put a value at a path, unless an earlier change took the path away."""
    step, rest = path[0], path[1:]
    if isinstance(holder, dict) and step in holder:
        if rest:
            _put(holder[str(step)], rest, value)
        else:
            holder[str(step)] = value
    elif isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        if rest:
            _put(holder[step], rest, value)
        else:
            holder[step] = value
