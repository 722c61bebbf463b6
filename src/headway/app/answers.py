"""The five questions of ``init``: each with a default, and each answer read strictly."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from headway.exchange.names import slug

_CURRENCY_LETTERS = 3
_LOCALTIME = Path("/etc/localtime")
# How words for a kind of line end; compounds say it last: Betriebskosten.
_KINDS = {
    "cost": ("cost", "costs", "expense", "expenses", "opex", "kosten", "aufwand", "aufwendungen"),
    "revenue": (
        "revenue",
        "revenues",
        "sales",
        "income",
        "turnover",
        "umsatz",
        "erloese",
        "ertrag",
        "premiums",
    ),
    "margin": ("margin", "margins", "profit", "ebit", "marge", "gewinn", "deckungsbeitrag"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the P&L."""

    name: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Firm, currency, time zone, who one is, and the lines of the P&L."""

    firm: str
    currency: str
    time_zone: str
    name: str
    mail: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the option that answers it, its words, its default, and what reads an answer.

    `read` gives the answer back in its form, and raises ValueError with a sentence where it has none.
    """

    option: str
    words: str
    default: str
    read: Callable[[str], str]


def questions(folder: Path) -> tuple[Question, ...]:
    """The questions for a new portfolio in a folder."""
    firm = folder.resolve().name
    return (
        Question("firm", "Firm", firm.replace("-", " ").replace("_", " ").title() or "Firm", _filled),
        Question("currency", "Currency of all totals", "EUR", currency),
        Question("time_zone", "Time zone in which days are cut", local_zone(), zone),
        Question("me", "You (name <address>)", me(folder), _filled),
        Question("line", "P&L lines, as NAME=cost, =revenue or =margin", "cost, revenue", _lines_said),
    )


def answers(said: dict[str, str]) -> Answers:
    """Answers from texts that each question has read."""
    name, _, mail = said["me"].partition("<")
    address = mail.strip("> ") or (name.strip() if "@" in name else "")
    person = name.strip() if "@" not in name else ""
    return Answers(said["firm"], said["currency"], said["time_zone"], person, address, lines(said["line"]))


def currency(text: str) -> str:
    """Three capitals.

    Raises:
        ValueError: anything else.
    """
    code = text.strip().upper()
    if len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha()):
        message = f"'{text}' is no currency; write three letters, such as EUR"
        raise ValueError(message)
    return code


def zone(text: str) -> str:
    """A time zone by its IANA name.

    Raises:
        ValueError: none of that name.
    """
    try:
        ZoneInfo(text.strip())
    except (KeyError, ValueError, OSError):
        message = f"'{text}' is no time zone; write an IANA name, such as Europe/Berlin"
        raise ValueError(message) from None
    return text.strip()


def lines(text: str) -> tuple[Line, ...]:
    """Lines of the P&L, parted by commas.

    >>> lines("Claims handling cost, premiums=revenue")[0]
    Line(name='claims-handling-cost', title='Claims handling cost', kind='cost')

    Raises:
        ValueError: a line whose kind is neither said nor in its name, or no line, or a name twice.
    """
    made = tuple(_line(part.strip()) for part in text.split(",") if part.strip())
    if not made or len({m.name for m in made}) < len(made):
        message = "name at least one line, and each once: cost, revenue"
        raise ValueError(message)
    return made


def _line(text: str) -> Line:
    title, told, kind = text.rpartition("=") if "=" in text else (text, "", "")
    name = slug(title)
    if not told:
        said = name.split("-")
        kind = next((k for k, ends in _KINDS.items() if any(word.endswith(ends) for word in said)), "")
    kind = kind.strip().casefold()
    if not name or kind not in _KINDS:
        wanted = title.strip() or "NAME"
        message = f"'{text}' does not say what kind of line it is; write '{wanted}=cost', =revenue or =margin"
        raise ValueError(message)
    return Line(name, title.strip(), kind)


def _lines_said(text: str) -> str:
    lines(text)
    return text


def _filled(text: str) -> str:
    if not slug(text) and not any(c.isalnum() for c in text):
        message = "write a name"
        raise ValueError(message)
    return " ".join(text.split())


def me(folder: Path) -> str:
    """Who Git says one is, as `Name <address>`; without Git, the account."""
    name, mail = _git(folder, "user.name"), _git(folder, "user.email")
    person = name or os.environ.get("USER") or os.environ.get("USERNAME") or "me"
    return f"{person} <{mail}>" if mail else person


def _git(folder: Path, key: str) -> str:
    where = folder if folder.is_dir() else Path()
    try:
        done = subprocess.run(  # noqa: S603 - a key of ours
            ["git", "config", key],  # noqa: S607
            cwd=where,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def local_zone() -> str:
    """The machine's time zone by name; UTC where it has none."""
    for name in (os.environ.get("TZ", ""), "/".join(_LOCALTIME.resolve().parts[-2:])):
        try:
            return zone(name) if name and not name.startswith("etc/") else "UTC"
        except ValueError:
            continue
    return "UTC"
