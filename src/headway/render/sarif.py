"""Findings and open requirements as SARIF 2.1.0, for code scanning and editors.

Only what a person has something to do about is a result: findings in the files, and requirements that are
open. The level says how hard it binds: a blocking row is an error, one that warns a warning, one only watched
a note.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from headway import __version__
from headway.kernel.codes import CODES
from headway.render.base import Record, below, open_rows, saw
from headway.render.people import person
from headway.render.terminal import cleaned

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"block": "error", "warn": "warning", "observe": "note"}
_ROWS = {
    "value": "Does it move the outcome it is for, and is that worth its cost.",
    "spend": "Is what it costs known and reconciled.",
    "data": "Are its data fit for use.",
    "people": "Do people answer for it, know it and use it.",
    "process": "Is it run as it should be.",
    "risk": "Are its risks decided and controlled.",
}
Result = dict[str, Any]


def review(record: Record, width: int, folder: str = "") -> str:
    """The whole portfolio: findings, then every open requirement at its initiative's place.

    Args:
        record: of ``headway review``.
        width: not used.
        folder: the portfolio's folder from where the command ran; paths begin with it.
    """
    del width
    clean = cleaned(record)
    results = [*_findings(clean, folder)]
    for one in clean["initiatives"]:
        results += [_requirement(clean, one["name"], one["place"], row, folder) for row in open_rows(one)]
    return _log(results, _guidance(r for i in clean["initiatives"] for r in i["requirements"]))


def check(record: Record, folder: str = "") -> str:
    """What is wrong in the files."""
    return _log([*_findings(cleaned(record), folder)], {})


def gate(record: Record, folder: str = "") -> str:
    """One verdict: findings, and its open requirements."""
    clean = cleaned(record)
    results = [*_findings(clean, folder)]
    verdict = clean["verdict"] or {"requirements": []}
    results += [
        _requirement(clean, verdict["initiative"], clean["place"], row, folder) for row in open_rows(verdict)
    ]
    return _log(results, _guidance(verdict["requirements"]))


def _findings(record: Record, folder: str) -> Iterator[Result]:
    for one in record["diagnostics"]:
        yield _result(
            one["code"],
            one["severity"],
            f"{one['what']}. Mend: {one['mend']}",
            _location(one["place"], folder),
            (one["code"], one["place"]["file"], one["subject"] or "", re.sub(r"[\d.,]+", "0", one["what"])),
        )


def _requirement(record: Record, name: str, place: Record, row: Record, folder: str) -> Result:
    who = person({"people": record.get("people", {})}, row["who"])
    words = f"{name}, {row['state']}: {saw(row)}. Needed: {row['need']}. Whose move: {who}"
    level = _LEVELS.get(row["mode"], "note")
    return _result(row["id"], level, words, _location(place, folder), (name, row["id"]))


def _result(rule: str, level: str, words: str, location: Result, identity: tuple[str, ...]) -> Result:
    # Neither a line nor a number is part of it: a finding stays itself when the file or the data move.
    named = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:16]
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": words},
        "locations": [location],
        "partialFingerprints": {"headway/v1": named},
    }


def _location(place: Record, folder: str) -> Result:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(below(folder, place))},
            "region": {"startLine": max(place["line"], 1), "startColumn": max(place["column"], 1)},
        }
    }


def _guidance(rows: Iterable[Record]) -> dict[str, str]:
    return {row["id"]: row["guidance"] for row in rows}


def _log(results: list[Result], guidance: dict[str, str]) -> str:
    rules = [_rule(name, guidance) for name in sorted({r["ruleId"] for r in results})]
    at = {rule["id"]: index for index, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    for result in results:
        result["ruleIndex"] = at[result["ruleId"]]
        named = result["partialFingerprints"]["headway/v1"]
        seen[named] = seen.get(named, 0) + 1
        # The name under which GitHub looks for it; equal ones are told apart by their order.
        result["partialFingerprints"]["primaryLocationLineHash"] = f"{named}:{seen[named]}"
    driver = {"name": "headway", "version": __version__, "semanticVersion": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(name: str, guidance: dict[str, str]) -> Result:
    known = CODES.get(name)
    if known:
        short, help_ = known.title, f"{known.title}. `headway explain {name}` says more."
    else:
        component = name.split(".")[1] if name.count(".") > 1 else ""
        short = guidance.get(name) or name
        help_ = " ".join(w for w in (_ROWS.get(component, ""), f"Expected: {short}.") if w)
    return {
        "id": name,
        "shortDescription": {"text": short},
        "help": {"text": help_},
        "defaultConfiguration": {"level": known.severity if known else "warning"},
    }
