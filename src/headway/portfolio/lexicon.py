"""Word lists of the problem-first lint, from the package and from the portfolio."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from headway.portfolio import yaml


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of one language."""

    tool_words: tuple[str, ...]
    placeholders: tuple[str, ...]
    placeholders_at_start: tuple[str, ...]
    number_words: tuple[str, ...]


@cache
def words(language: str = "en") -> Words:
    """The lists that headway brings for a language."""
    text = files("headway.portfolio").joinpath("lexicon").joinpath(f"{language}.yaml").read_bytes()
    nodes, _ = yaml.read(text, f"{language}.yaml")
    lists: Any = yaml.to_plain(nodes[0])
    return Words(**{name: tuple(str(w) for w in lists[name]) for name in Words.__slots__})


@cache
def pattern(listed: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds any of the words, whole and in any case; a star stands for letters and digits."""
    one_of = "|".join(
        re.escape(w).replace(r"\*", r"\w+").replace(r"\ ", r"\s+")
        for w in sorted(listed, key=len, reverse=True)
    )
    return re.compile(rf"(?<!\w)(?:{one_of})(?!\w)" if listed else r"(?!)", re.IGNORECASE)
