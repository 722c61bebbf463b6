"""Sound YAML read fast: the content alone, composed inside libyaml's binding.

Most files are sound, and of a sound file nobody asks where a value stands. What this reader does not take,
it leaves to `yaml`, which tells every fault with its place; where both read a text, both read the same.
"""

from __future__ import annotations

import re
import sys

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from headway.portfolio.nodes import Plain

# Deeper than any person writes, and far from where the recursion of libyaml's binding ends the process.
_MOST_OPENINGS = 20_000
_OPENINGS = ("[", "{", "- ", "? ")
# What may be an anchor, an alias or a tag; in prose it only costs the slower reader's time.
_SHORTHAND = re.compile(r"""(?:\A|[\s\[\]{},:"'])(?:[&*]\S|!)""")


class _LeftError(Exception):
    """This text is for the slower reader."""


class _Composer(CParser):
    """Composes nodes without resolving what kind of scalar each is: all of them stay text."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return ""

    def descend_resolver(self, _parent: object, _index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


def sound_documents(content: str, depth: int) -> list[dict[str, Plain]] | None:
    """The documents of a text, each a mapping, or None where anything in it is not plainly sound.

    Args:
        content: the text.
        depth: how deep values may stand inside each other.
    """
    if any(sign in content for sign in "&*!") and _SHORTHAND.search(content):
        return None
    if sum(map(content.count, _OPENINGS)) > _MOST_OPENINGS:
        return None
    found: list[dict[str, Plain]] = []
    try:
        composer = _Composer(content)
        while composer.check_node():
            node = composer.get_node()
            if type(node) is ScalarNode and not node.value and not node.style:
                continue
            found.append(_mapping(node, depth))
    except (YAMLError, _LeftError):
        return None
    return found


def _mapping(node: Node | None, depth: int) -> dict[str, Plain]:
    if type(node) is not MappingNode or node.tag or not depth:
        raise _LeftError
    made: dict[str, Plain] = {}
    for key, value in node.value:
        if type(key) is not ScalarNode or key.tag or key.value == "<<":
            raise _LeftError
        # The same few keys come in every document: one copy of each will do.
        made[sys.intern(key.value)] = _plain(value, depth - 1)
    if len(made) != len(node.value):
        raise _LeftError
    return made


def _plain(node: Node, depth: int) -> Plain:
    if type(node) is ScalarNode and not node.tag:
        text: str = node.value
        return text
    if type(node) is SequenceNode and not node.tag and depth:
        return [_plain(item, depth - 1) for item in node.value]
    return _mapping(node, depth)
