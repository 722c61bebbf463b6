"""Lines put into portfolio.yaml: nothing that stands there is moved or rewritten."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass

from headway.portfolio.nodes import Mapping, Node, Scalar, Sequence

# Required settings, each one word: a whole block may stand behind the later of them.
_ONE_LINE = ("currency", "time_zone")
# Settings of one word inside `operating_model`, behind which a list may stand.
_BEFORE = ("extends", "mode")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to put in at a place.

    Attributes:
        line: the line it stands behind, or in; from 1.
        column: characters of that line that stay before it; None is the whole line.
        lines: what is put in, without line ends.
    """

    line: int
    column: int | None
    lines: tuple[str, ...]

    def into(self, text: str) -> str:
        """The text with the lines in it, in its own way of ending lines."""
        end = "\r\n" if "\r\n" in text else "\n"
        every = text.splitlines(keepends=True)
        here = every[self.line - 1]
        if self.column is None:
            closed = here if here.endswith(("\n", "\r")) else here + end
            every[self.line - 1] = closed + "".join(line + end for line in self.lines)
        else:
            every[self.line - 1] = here[: self.column] + end.join(self.lines) + here[self.column :]
        return "".join(every)


def adoption(text: str, settings: Mapping, entries: SequenceOf[str]) -> Insertion | None:
    """Where further entries of `operating_model: adopt:` go; None where no place is safe.

    Args:
        text: of the file.
        settings: the document of the portfolio in it.
        entries: each a mapping in braces.
    """
    if _opens(text, settings, "{"):
        return None
    model = settings.entries.get("operating_model")
    if model is None:
        line = max(settings.entries[k].place.line for k in _ONE_LINE)
        lines = ("operating_model:", "  adopt:", *(f"    - {e}" for e in entries))
        return Insertion(line, None, lines)
    if not isinstance(model, Mapping):
        return None
    if "adopt" in model.entries:
        return _into_list(text, model, entries)
    if _opens(text, model, "{"):
        inside = (f"      {e}," for e in entries)
        lines = ("", "    adopt: [", *inside, "    ],", "    ")
        return Insertion(model.place.line, model.place.column, lines)
    indent = " " * (model.place.column - 1)
    lines = (f"{indent}adopt:", *(f"{indent}  - {e}" for e in entries))
    return Insertion(_line_before(settings, model), None, lines)


def _into_list(text: str, model: Mapping, entries: SequenceOf[str]) -> Insertion | None:
    """In front of the entries that are there."""
    held, key = model.entries["adopt"], model.key_place("adopt")
    if _opens(text, held, "["):
        indent = " " * (key.column + 1)
        return Insertion(
            held.place.line, held.place.column, ("", *(f"{indent}{e}," for e in entries), indent)
        )
    if not isinstance(held, Sequence):
        return None
    indent = " " * (held.place.column - 1)
    return Insertion(key.line, None, tuple(f"{indent}- {e}" for e in entries))


def _line_before(settings: Mapping, model: Mapping) -> int:
    """The line behind which a key of the block may stand: the last of the short settings, else its head."""
    lines = [settings.key_place("operating_model").line]
    for key in _BEFORE:
        value = model.entries.get(key)
        if isinstance(value, Scalar) and value.place.line == model.key_place(key).line:
            lines.append(value.place.line)
    return max(lines)


def _opens(text: str, node: Node, bracket: str) -> bool:
    place = node.place
    return text.splitlines()[place.line - 1][place.column - 1 :].startswith(bracket)
