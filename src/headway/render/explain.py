"""An explanation on a terminal and as Markdown, from `headway.explain/1`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from headway.render.base import Record

_LABEL = 18
_NEXT = "Ask next"
_GLUE = "\N{NO-BREAK SPACE}"


def text(record: Record, width: int) -> str:
    """Title, meaning, facts, lists and queries; no line of prose is wider than ``width``."""
    return "\n".join(_lines(record, width)).rstrip()


def _lines(record: Record, width: int) -> Iterator[str]:
    yield from _wrapped(str(record["title"]), width, "", "  ")
    if record["text"]:
        yield from _wrapped(str(record["text"]), width, "  ", "  ")
    told: Sequence[Any] = record["facts"]
    if told:
        yield ""
        wide = min(max(len(f["label"]) for f in told) + 2, _LABEL)
        for fact in told:
            label = f"  {fact['label']}"
            head = label.ljust(wide + 2) if len(label) <= wide + 1 else f"{label}  "
            yield from _wrapped(str(fact["text"]), width, head, " " * (wide + 2))
    for part in record["parts"]:
        yield ""
        yield f"{part['title']}"
        for line in part["lines"]:
            # A query, or a line of output, is to be copied: it is never broken.
            yield from [f"  {line}"] if part["verbatim"] else _wrapped(line, width, "  ", "    ")
    if record["related"] and record["kind"] != "several":
        yield ""
        yield from _wrapped(", ".join(record["related"]), width, f"{_NEXT}: ", "  ")


def _wrapped(said: str, width: int, first: str, rest: str) -> list[str]:
    # A number stays with its per cent; a digest or a path is never broken.
    fill = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_GLUE, " ") for line in fill.wrap(said.replace(" %", f"{_GLUE}%"))]


def markdown(record: Record) -> str:
    """The same for a pull request or a page."""
    lines = [f"## {_plain(record['title'])}"]
    lines += ["", _plain(record["text"])] if record["text"] else []
    if record["facts"]:
        lines += ["", "| | |", "| --- | --- |"]
        lines += [f"| {_cell(f['label'])} | {_cell(f['text'])} |" for f in record["facts"]]
    for part in record["parts"]:
        lines += ["", f"### {_plain(part['title'])}", ""]
        shown = "\n".join(part["lines"])
        fence = "`" * (4 if "```" in shown else 3)
        lines += (
            [f"{fence}text", shown, fence] if part["verbatim"] else [f"- {_plain(x)}" for x in part["lines"]]
        )
    if record["related"]:
        lines += ["", f"{_NEXT}: " + ", ".join(f"`{r}`" for r in record["related"])]
    return "\n".join(lines)


def _plain(said: object) -> str:
    """Text that Markdown shows as it stands."""
    return "".join(f"\\{c}" if c in "\\*_<>[]" else c for c in str(said))


def _cell(said: object) -> str:
    return _plain(" ".join(str(said).split())).replace("|", "\\|")
