"""Whatever the bytes, reading ends, and what is read can be found again."""

from hypothesis import given
from hypothesis import strategies as st

from headway.portfolio.nodes import Mapping, Node, Plain, Scalar, Sequence
from headway.portfolio.yaml import key_place_of, parse, parse_with_places, place_of, read, sound, to_plain

# Pieces that YAML's grammar is made of meet more of the parser than random bytes do.
PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "---\n",
        "...\n",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "&x ",
        "*x",
        "!!t ",
        "<<: ",
        "|\n",
        ">\n",
        "'",
        '"',
        "# ",
        "? ",
        ": ",
        "%YAML 1.1\n",
        "\t",
        "é",
        "\u2028",
        "\x00",
        "~",
    ]
)
WORDS = st.text("abcxyz019 %:#-{}[]&*!|>'\"?,@`é", max_size=12)
KEYS = st.text("abcxyz-", min_size=1, max_size=6)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        WORDS,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(text: bytes) -> None:
    """Any bytes give documents and faults, and never a traceback."""
    nodes, faults = read(text, "f.yaml")
    assert all(str(fault) for fault in faults)
    assert all(node.place.file == "f.yaml" for node in nodes)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_yaml_makes_it_raise(text: str) -> None:
    """Nor do the pieces of YAML in any order; every fault lies inside the file."""
    nodes, faults = read(text.encode(), "f.yaml")
    last = sum(text.count(end) for end in ("\n", "\u2028")) + 1
    assert all(1 <= fault.place.line <= last and fault.place.column >= 1 for fault in faults)
    assert len(nodes) <= len(parse(text.encode(), "f.yaml"))


@given(st.lists(PIECES, max_size=30).map("".join) | WORDS.map(lambda w: f"a: {w}\nb: [{w}, {{c: {w}}}]\n"))
def test_the_fast_reader_takes_only_what_the_careful_one_finds_sound(text: str) -> None:
    """Where it reads a text at all, there is no fault in it, and every word is the same."""
    plain = sound(text.encode())
    if plain is not None:
        careful = parse_with_places(text.encode(), "f.yaml")
        assert [d for p in careful for d in p.diagnostics] == []
        assert [to_plain(p.node) for p in careful if p.node] == plain


@given(st.lists(DOCUMENTS, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_places_lead_back_to_the_text(documents: list[dict[str, Plain]], end: str) -> None:
    """What was written is read back, and each place shows the very letters that the value begins with."""
    text = "---\n".join(_written(document) for document in documents).replace("\n", end)
    nodes, faults = read(text.encode(), "f.yaml")
    assert not faults
    assert [to_plain(node) for node in nodes] == documents
    lines = text.split(end)
    for node in nodes:
        for path, value in _values(node, ()):
            place = place_of(node, path)
            rest = lines[place.line - 1][place.column - 1 :]
            if isinstance(value, Scalar):
                assert rest.startswith(_quoted(value.text))
            if path and isinstance(path[-1], str):
                key = key_place_of(node, path)
                assert lines[key.line - 1][key.column - 1 :].startswith(_quoted(path[-1]))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _written(value: Plain, indent: int = 0) -> str:
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(f"{pad}{_quoted(k)}:{_inside(v, indent)}" for k, v in value.items())
    if isinstance(value, list):
        return "".join(f"{pad}-{_inside(v, indent)}" for v in value)
    raise AssertionError


def _inside(value: Plain, indent: int) -> str:
    return f" {_quoted(value)}\n" if isinstance(value, str) else f"\n{_written(value, indent + 1)}"


def _values(node: Node, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Node]]:
    inner: list[tuple[str | int, Node]] = []
    if isinstance(node, Mapping):
        inner = list(node.entries.items())
    elif isinstance(node, Sequence):
        inner = list(enumerate(node.items))
    return [(path, node)] + [found for step, child in inner for found in _values(child, (*path, step))]
