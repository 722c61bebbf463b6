"""Texts as YAML that reads back to the very same text, and comments that cannot end early."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator

WIDTH = 110
_SHORT_ESCAPE = 0xFFFF
# What no reader of YAML, old or new, takes for a number, a date, a flag, a tag or the end of the text.
_PLAIN = re.compile(r"^[^\W\d_](?:[\w ./()+-]|, |,$)*$")
_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null", "nan", "inf"})
_NOT_PRINTED = re.compile(
    "[^\t\n -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]"
)


def scalar(text: str) -> str:
    """A text on one line.

    >>> scalar("Triage of claims"), scalar("no"), scalar("a: b")
    ('Triage of claims', '"no"', '"a: b"')
    """
    simple = _PLAIN.match(text) and text.casefold() not in _WORDS and not text.endswith((" ", ","))
    return text if simple and not _NOT_PRINTED.search(text) else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes, with everything escaped that is not printed."""
    body = json.dumps(text, ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda m: _escape(m[0]), body.replace("\x7f", "\\x7f"))


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\U{code:08x}" if code > _SHORT_ESCAPE else f"\\u{code:04x}"


def entry(key: str, text: str, indent: int = 0) -> str:
    """A key with a text behind it: on its line, folded below it when long, line by line when it has lines.

    >>> print(entry("problem", "Callers wait."))
    problem: Callers wait.
    """
    head = f"{' ' * indent}{key}:"
    if "\n" not in text and len(head) + len(text) < WIDTH:
        return f"{head} {scalar(text)}"
    inner = " " * (indent + 2)
    if not _in_block(text):
        return f"{head} {quoted(text)}"
    if "\n" in text:
        return "\n".join([f"{head} |-", *(f"{inner}{line}" if line else "" for line in text.split("\n"))])
    lines = textwrap.wrap(
        text, WIDTH - len(inner), break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    return "\n".join([f"{head} >-", *(f"{inner}{line}" for line in lines)])


def _in_block(text: str) -> bool:
    """Whether a block keeps the text: nothing unprinted, no blanks that folding or YAML would eat."""
    lines = text.split("\n")
    one_line_ok = len(lines) > 1 or text == " ".join(text.split())
    kept = all(line == line.strip() for line in lines) and bool(lines[0]) and bool(lines[-1])
    return one_line_ok and kept and not _NOT_PRINTED.search(text) and "\t" not in text


def tidy(cell: str) -> str:
    r"""A cell without blanks at the ends of its lines, and with lines only where it has paragraphs.

    >>> tidy("one  two\r\n three")
    'one two\nthree'
    """
    lines = [" ".join(line.split()) for line in cell.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def comment(words: str, indent: str = "") -> Iterator[str]:
    """A text as comment lines; what is not printed is shown as its escape.

    >>> list(comment("agency: DHS"))
    ['# agency: DHS']
    """
    safe = _NOT_PRINTED.sub(lambda m: _escape(m[0]), words)
    for at, line in enumerate(safe.splitlines() or [""]):
        parts = textwrap.wrap(line, WIDTH - 4, break_on_hyphens=False) or [""]
        for more, part in enumerate(parts):
            hang = "  " if at or more else ""
            yield f"# {indent}{hang}{part}".rstrip()
