"""Names as addresses: lower-case words joined by hyphens, from whatever people call a thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe", "ł": "l",
     "đ": "d", "ð": "d", "þ": "th", "ı": "i", "€": " eur "}
)  # fmt: skip


def plain(text: str) -> str:
    """Small Latin letters, digits and single blanks: what two spellings of one word have in common.

    >>> plain("Überprüfung (2. Stufe)"), plain("agency_bureau")
    ('ueberpruefung 2 stufe', 'agency bureau')
    """
    folded = text.casefold()
    if not folded.isascii():
        composed = unicodedata.normalize("NFC", folded).replace("ß", "ss").translate(_LETTERS)
        parts = unicodedata.normalize("NFKD", composed)
        folded = "".join(c for c in parts if not unicodedata.combining(c)).casefold()
    folded = folded.replace("&", " and ")
    return " ".join(re.findall(r"[a-z0-9]+", folded))


def slug(text: str, longest: int = LONGEST) -> str:
    """A name from a text, cut at a word; empty when the text has no Latin letter or digit.

    >>> slug("Prüfung von Belegen – Stufe 2"), slug("手書き")
    ('pruefung-von-belegen-stufe-2', '')
    """
    whole = plain(text).replace(" ", "-")
    if len(whole) <= longest:
        return whole
    cut = whole[: longest + 1].rpartition("-")[0]
    return cut or whole[:longest]


def unique(wanted: str, taken: Iterable[str]) -> str:
    """The name itself, or with the first number from 2 that makes it free.

    >>> unique("triage", {"triage", "triage-2"})
    'triage-3'
    """
    used = taken if isinstance(taken, set | frozenset | dict) else set(taken)
    number, name = 2, wanted
    while name in used:
        name, number = f"{wanted}-{number}", number + 1
    return name
