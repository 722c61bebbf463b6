"""Five spreadsheets as firms keep them, made by hand from columns and rows of the federal inventory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime

from openpyxl import Workbook

# Name, bureau, stage, class, problem, day it went live, vendor: rows of the public inventory, some cut short.
ROWS: tuple[tuple[str, ...], ...] = (
    (
        "Smartphone Information Forensics Triage",
        "CBP",
        "Pre-deployment",
        "NLP",
        (
            "Quickly translate and summarize the content of text messages, prompting the inspecting "
            "employee to review the actual raw text if warranted."
        ),
        "",
        "",
    ),
    (
        "Advanced Analytics for X-ray Images (AAXI)",
        "CBP",
        "Pre-deployment",
        "Computer Vision",
        "Reduction of low risk empty commercial vehicles.",
        "",
        "",
    ),
    (
        "Mobile Fortify",
        "CBP",
        "Deployed",
        "Computer Vision",
        "Officers in the field cannot confirm 1 in 4 identities,\nand drive people to an office to do so.",
        "2025-05-20",
        "Invariant Corporation",
    ),
    ("Mobile Fortify", "ICE", "Deployed", "Computer Vision", "", "2025-05-20", "Invariant Corporation"),
    (
        "Stress Testing Scenarios with Deep Learning",
        "DCR",
        "",
        "",
        "Pilot project to explore methods",
        "",
        "",
    ),
    ("Anomaly Detection for Data Quality", "DOD", "Retired", "Classical ML", "n/a", "2023-02-01", ""),
    (
        "Entity Resolution",
        "DCR",
        "Pilot",
        "Classical ML",
        "Analysts compare 40,000 records by hand each quarter; one pair in ten is missed.",
        "2024-10-01",
        "In-house",
    ),
)
OWNERS = (
    "Ana Brandt",
    "Ana Brandt",
    "Okoro, Ben",
    "ben.okoro@bureau.example",
    "",
    "Data Team",
    "Chris Vidal; Dina Wolf",
)
COSTS = ("80.000,00 €", "1.200 €", "", "250 T€", "12.500,50 €", "k. A.", "1,2 Mio €")
GERMAN_STAGE = {
    "Pre-deployment": "In Entwicklung",
    "Deployed": "Im Betrieb",
    "Pilot": "Pilotbetrieb",
    "Retired": "Eingestellt",
    "": "in Arbeit",
}


def renamed() -> bytes:
    """CSV with a byte-order mark, titles above the header, an empty column, blank rows, and a total below."""
    lines: list[Sequence[str]] = [
        ["AI register, second half of 2025"],
        ["Confidential", "", "", "", ""],
        [],
        ["No.", "Project name", "", "Phase", "Problem statement", "Business unit", "Status", "Status"],
    ]
    for number, (name, unit, stage, _, problem, _, _) in enumerate(ROWS, 1):
        lines.append(
            [str(number), name, "", stage, problem, unit, "on hold" if number == 2 else "active", "green"]
        )
        lines += [[]] if number == 3 else []
    lines.append(["", "Total", "", "", "", "", "7", ""])
    return b"\xef\xbb\xbf" + _delimited(lines, ",").encode()


def two_lines() -> bytes:
    """Tabs in UTF-16, as a spreadsheet program saves Unicode text; a group of headers over each pair."""
    lines: list[Sequence[str]] = [
        ["Use case", "Organisation", "", "Life cycle", "", "Content", ""],
        ["", "Bureau", "Product owner", "Stage", "Operational date", "Problem solved", "Classification"],
    ]
    for (name, unit, stage, kind, problem, live, _), owner in zip(ROWS, OWNERS, strict=True):
        lines.append([name, unit, owner, stage, live, problem, kind])
    return _delimited(lines, "\t").encode("utf-16")


def german() -> bytes:
    """Semicolons, German headers and words, amounts with decimal commas."""
    lines: list[Sequence[str]] = [
        [
            "Anwendungsfall",
            "Fachbereich",
            "Verantwortlich",
            "Status",
            "Problemstellung",
            "Budget",
            "KI-VO-Klasse",
        ]
    ]
    for (name, unit, stage, _, problem, _, _), owner, cost in zip(ROWS, OWNERS, COSTS, strict=True):
        lines.append(
            [name, unit, owner, GERMAN_STAGE[stage], problem, cost, "hoch" if unit == "CBP" else "offen"]
        )
    lines.append(["Quelle: Inventar 2025"])
    return _delimited(lines, ";").encode()


def western() -> bytes:
    """Windows-1252 with bars between cells, umlauts and typographic signs, and a header that says nothing."""
    lines: list[Sequence[str]] = [["Bezeichnung", "Ansprechpartner", "Was?", "Beschreibung", "Link"]]
    for (name, _, stage, _, problem, _, _), owner in zip(ROWS, OWNERS, strict=True):
        lines.append(
            [
                f"Prüfung – {name}",
                owner.replace("Brandt", "Müller-Lüdenscheidt"),
                stage,
                problem,
                "https://bureau.example/a" if stage else "",
            ]
        )
    return _delimited(lines, "|").encode("cp1252")


def workbook() -> bytes:
    """A workbook with a cover sheet, merged headers, merged cells down the units, dates and a formula."""
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "Cover"
    cover["A1"] = "AI inventory"
    page = book.create_sheet("Inventory 2025")
    page.append(["AI use cases of the agency", None, None, None, None, None])
    page.merge_cells("A1:F1")
    page.append(["Agency", "Use case", None, "Dates", None, "Cost"])
    page.append([None, "Use case name", "Development stage", "Start", "Operational date", None])
    for block in ("A2:A3", "B2:C2", "D2:E2", "F2:F3"):
        page.merge_cells(block)
    for name, unit, stage, _, _, live, _ in ROWS:
        day = datetime.fromisoformat(live) if live else None
        page.append([unit, name, stage or None, day, day, 80000.0 if live else None])
    page.merge_cells("A4:A6")
    page.append([None, "Total", None, None, None, "=SUM(F4:F10)"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _delimited(lines: Sequence[Sequence[str]], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return stream.getvalue()


SHEETS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "renamed": ("register.csv", renamed),
    "two-lines": ("register.txt", two_lines),
    "german": ("Liste.csv", german),
    "western": ("Übersicht.csv", western),
    "workbook": ("inventory.xlsx", workbook),
}
