"""Verdicts and checks as JUnit XML, for the test tab of a pipeline.

What shows red is what ends the command with a fault: a blocking row that was missed is a failure, one that
could not be judged an error. Every other open row is skipped, with its words; what is met or waived passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from headway.render.base import Record, below, saw
from headway.render.people import person

# XML 1.0 has no place for these, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SETTLED = ("met", "waived")
_KINDS = ("failure", "error", "skipped")


def review(record: Record, width: int, folder: str = "") -> str:
    """One suite per initiative that stands before a gate, one case per requirement.

    Args:
        record: of ``headway review``.
        width: not used.
        folder: the portfolio's folder from where the command ran; paths begin with it.
    """
    del width
    portfolio = record["portfolio"]["name"]
    suites = [
        _initiative(record, portfolio, one["name"], below(folder, one["place"]), one["requirements"])
        for one in record["initiatives"]
        if one["gate"]
    ]
    return _whole(f"headway review {portfolio}", suites)


def gate(record: Record, folder: str = "") -> str:
    """One suite with one case per requirement; none where it stands before no gate."""
    verdict = record["verdict"]
    if verdict is None:
        return _whole("headway gate", [])
    name = verdict["initiative"]
    suite = _initiative(record, "headway gate", name, below(folder, record["place"]), verdict["requirements"])
    return _whole(f"headway gate {name}", [suite])


def check(record: Record, folder: str = "") -> str:
    """One case per file: it fails where something in it is wrong; warnings are told and pass."""
    found: dict[str, list[Record]] = {path: [] for path in record["paths"]}
    for one in record["diagnostics"]:
        found.setdefault(one["place"]["file"], []).append(one)
    suite = ET.Element("testsuite", name="headway check")
    for path, diagnostics in found.items():
        case = _case(suite, "headway check", path, below(folder, {"file": path}))
        errors = [d for d in diagnostics if d["severity"] == "error"]
        if errors:
            _say(case, "failure", _finding(errors[0]), "\n".join(map(_finding, diagnostics)), "error")
        elif diagnostics:
            ET.SubElement(case, "system-out").text = _safe("\n".join(map(_finding, diagnostics)))
    return _whole("headway check", [suite])


def _initiative(record: Record, of: str, name: str, file: str, rows: Iterable[Record]) -> ET.Element:
    suite = ET.Element("testsuite", name=_safe(name))
    for row in rows:
        case = _case(suite, f"{of}.{name}", row["id"], file)
        if row["state"] == "waived":
            ET.SubElement(case, "system-out").text = _safe(f"waived: {row['saw']}")
        elif row["state"] not in _SETTLED:
            who = person({"people": record.get("people", {})}, row["who"])
            words = f"{row['state']}: {saw(row)}"
            text = f"needed: {row['need']}\nwhose move: {who}\nexpected: {row['guidance']}"
            _say(case, _kind(row), words, text, row["state"])
    return suite


def _kind(row: Record) -> str:
    if row["mode"] != "block":
        return "skipped"
    return "failure" if row["state"] == "missed" else "error"


def _case(suite: ET.Element, of: str, name: str, file: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_safe(of), name=_safe(name), file=_safe(file), time="0")


def _say(case: ET.Element, kind: str, message: str, text: str, type_: str) -> None:
    made = ET.SubElement(case, kind, message=_safe(message))
    if kind != "skipped":
        made.set("type", type_)
    made.text = _safe(text)


def _finding(one: Record) -> str:
    place = one["place"]
    return (
        f"{place['file']}:{place['line']}:{place['column']}: {one['severity']}[{one['code']}] {one['what']}; "
        f"mend: {one['mend']}"
    )


def _whole(name: str, suites: list[ET.Element]) -> str:
    root = ET.Element("testsuites", name=_safe(name))
    root.extend(suites)
    for at in (*suites, root):
        at.set("tests", str(len(list(at.iter("testcase")))))
        for kind, plural in zip(_KINDS, ("failures", "errors", "skipped"), strict=True):
            at.set(plural, str(len(list(at.iter(kind)))))
        at.set("time", "0")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _safe(text: str) -> str:
    return _FORBIDDEN.sub(" ", text)
