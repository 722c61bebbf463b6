"""Delimited text as spreadsheets save it: whatever the encoding, whatever stands between the cells."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter

from headway.exchange.grid import Grid, NotATable, within_limits

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOKED_AT = 300
_SAVE = "save it as CSV in UTF-8, or as .xlsx"
# Bytes that are letters in no western encoding; a text has next to none.
_MOST_CONTROLS = 0.001


def read_delimited(content: bytes) -> Grid:
    """Read a CSV in the encoding and with the delimiter that fit it best.

    Raises:
        NotATable: HW121, the bytes are no text, or a quote never closes; HW122, it is too large.
    """
    text, encoding = _decoded(content)
    told = text[:6].lower()
    if told.startswith("sep=") and len(told) > len("sep="):
        delimiter, text = text[4], text.partition("\n")[2]
    else:
        delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    within_limits(len(rows), max(map(len, rows), default=0))
    between = _DELIMITERS.get(delimiter, repr(delimiter))
    several = any(len(row) > 1 for row in rows)
    return Grid(rows, f"{encoding}, cells between {between}" if several else f"{encoding}, one column")


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _text(content, codec, name), name
    # Latin letters in UTF-16 leave every other byte empty.
    if content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        return _text(content, "utf-16-le", "UTF-16"), "UTF-16"
    if content[0:200:2].count(0) > len(content[0:200:2]) // 2:
        return _text(content, "utf-16-be", "UTF-16"), "UTF-16"
    try:
        return _sane(content.decode("utf-8")), "UTF-8"
    except UnicodeDecodeError:
        return _text(content, "cp1252", "Windows-1252"), "Windows-1252"


def _text(content: bytes, codec: str, name: str) -> str:
    try:
        return _sane(content.decode(codec))
    except UnicodeDecodeError as fault:
        what = f"byte {fault.start + 1} is no letter in UTF-8, nor in {name}: the file is not text"
        raise NotATable("HW121", what, _SAVE) from None


def _sane(text: str) -> str:
    strange = sum(unicodedata.category(c) == "Cc" for c in text if c < " " and c not in "\t\r\n\x0b\x0c")
    if strange > len(text) * _MOST_CONTROLS:
        raise NotATable("HW121", f"{strange} control characters: the file is not text", _SAVE)
    return text


def _delimiter(text: str) -> str:
    """The sign that cuts most rows into one and the same number of cells, and into more than one."""
    found = {}
    for order, sign in enumerate(_DELIMITERS):
        widths = Counter(len(r) for r in _first_rows(text, sign) if any(c.strip() for c in r))
        several = {w: n for w, n in widths.items() if w > 1}
        if several:
            # Title rows and notes are cut otherwise; the rows of the list agree.
            share = max(several.values()) / widths.total()
            found[sign] = (round(share, 2), max(several, key=lambda w: (several[w], w)), -order)
    return max(found, key=lambda s: found[s]) if found else ","


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == _LOOKED_AT:
                break
    except csv.Error:
        pass
    return rows


def _rows(text: str, delimiter: str) -> tuple[tuple[str, ...], ...]:
    try:
        return tuple(
            tuple(cell.strip() for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        )
    except csv.Error as fault:
        what = f"the cells cannot be told apart: {fault}"
        raise NotATable("HW121", what, f"close every quote, or {_SAVE}") from None
