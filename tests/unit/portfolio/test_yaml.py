"""YAML is read strictly, and every value knows where it stands."""

import pytest

from headway.kernel.diagnostic import Place
from headway.portfolio.yaml import MAX_BYTES, Mapping, Scalar, key_place_of, parse, place_of, read, to_plain

TEXT = b"""\
# a comment
initiative: reply-assistant
cashable: no
year: 012
quoted: "a: b"
uses:
  - gateway
  - store
pilot: {arms: {control: 50 %}}
problem: >
  one claim
  in five
"""


def only(text: bytes) -> Mapping:
    """The one sound document of a text."""
    nodes, faults = read(text, "f.yaml")
    assert not faults
    assert len(nodes) == 1
    assert isinstance(nodes[0], Mapping)
    return nodes[0]


def codes(text: bytes) -> list[str]:
    """The codes of what is wrong with a text."""
    return [fault.code for fault in read(text, "f.yaml")[1]]


def test_every_scalar_stays_text() -> None:
    """`no` is not False, 012 is not 10, and a share is not yet a number."""
    assert to_plain(only(TEXT)) == {
        "initiative": "reply-assistant",
        "cashable": "no",
        "year": "012",
        "quoted": "a: b",
        "uses": ["gateway", "store"],
        "pilot": {"arms": {"control": "50 %"}},
        "problem": "one claim in five\n",
    }


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 2, 1),
        (("cashable",), 3, 11),
        (("uses", 1), 8, 5),
        (("pilot", "arms", "control"), 9, 25),
        (("problem",), 10, 10),
        (("pilot", "arms", "assisted"), 9, 15),
        (("uses", 7, "x"), 7, 3),
    ],
)
def test_a_value_is_found_where_it_stands(path: tuple[str | int, ...], line: int, column: int) -> None:
    """A path leads to its value's line and column, from 1; where it ends early, to the nearest value."""
    assert place_of(only(TEXT), path) == Place("f.yaml", line, column)


def test_a_key_is_found_where_it_stands() -> None:
    """A key has a place of its own; an item of a list has none but the item's."""
    node = only(TEXT)
    assert key_place_of(node, ("pilot", "arms")) == Place("f.yaml", 9, 9)
    assert key_place_of(node, ("uses", 0)) == Place("f.yaml", 7, 5)
    assert key_place_of(node, ("nothing", "at", "all")) == node.place


def test_quotes_are_remembered() -> None:
    """An empty quoted text is a text; an empty plain one is nothing."""
    node = only(b"a: ''\nb:\n")
    values = [value for value in node.entries.values() if isinstance(value, Scalar)]
    assert [(value.plain, value.text) for value in values] == [(False, ""), (True, "")]


def test_lines_go_on_over_documents() -> None:
    """The second document of a file starts on its own line of the file, with or without `...` before it."""
    nodes, faults = read(b"%YAML 1.1\n# words\n---\na: 1\n...\n# more\n---\nb: 1\n--- \nc: 1\n", "f.yaml")
    assert not faults
    assert [(list(to_plain(node)), node.place.line) for node in nodes] == [
        (["a"], 4),
        (["b"], 8),
        (["c"], 10),
    ]


def test_a_damaged_document_does_not_hide_the_others() -> None:
    """Of four documents two are damaged: both are told, and the other two are read."""
    nodes, faults = read(b"a: 1\n---\nb: [1, 2\n---\nc: 'open\n---\nd: 1\n", "f.yaml")
    assert [to_plain(node) for node in nodes] == [{"a": "1"}, {"d": "1"}]
    assert [(fault.code, fault.place.line) for fault in faults] == [("HW101", 4), ("HW101", 6)]


def test_a_marker_inside_a_text_is_no_marker() -> None:
    """Three dashes that are indented belong to the text they stand in."""
    assert to_plain(only(b"a: |\n  ---\n  x\n")) == {"a": "---\nx\n"}


def test_a_key_given_twice_names_both_places() -> None:
    """The fault stands at the second key and points to the first."""
    (fault,) = read(b"a: 1\nb: 2\na: 3\n", "f.yaml")[1]
    assert (fault.code, fault.place.line, fault.see[0][0].line) == ("HW102", 3, 1)


@pytest.mark.parametrize(
    "text", [b"a: &x 1", b"a: *x", b"<<: {a: 1}", b"a: !!str 1", b"a: !thing {b: 1}", b"a: ! x", b"&r a: 1"]
)
def test_shorthand_is_refused(text: bytes) -> None:
    """Anchors, aliases, merge keys and tags hide a value from a reviewer."""
    assert codes(text) == ["HW108"]


def test_a_bomb_is_told_once_per_place_and_not_for_ever() -> None:
    """A thousand aliases do not make a thousand lines."""
    assert codes(b"a: [" + b"*x, " * 1000 + b"]") == ["HW108"] * 20


def test_a_quoted_merge_key_is_a_key() -> None:
    """Quotes make any text a key."""
    assert codes(b"'<<': 1") == []


@pytest.mark.parametrize(("depth", "found"), [(40, []), (41, ["HW109"]), (100_000, ["HW109"])])
def test_depth_has_an_end(depth: int, found: list[str]) -> None:
    """Forty levels are read, forty-one are not, and a hundred thousand do no harm."""
    assert codes(b"[" * depth + b"]" * depth) == found


def test_size_has_an_end() -> None:
    """A file of more than four megabytes is not read."""
    assert codes(b"a" * MAX_BYTES) == []
    assert codes(b"a" * (MAX_BYTES + 1)) == ["HW109"]


@pytest.mark.parametrize("text", [b"", b"---\n", b"# only words\n", b"\xef\xbb\xbf", b"---\n---\n...\n"])
def test_nothing_is_no_document(text: bytes) -> None:
    """Empty documents are passed over."""
    assert read(text, "f.yaml") == ([], [])


def test_a_byte_order_mark_is_passed_over() -> None:
    """Editors on Windows write one; columns are counted without it."""
    assert only(b"\xef\xbb\xbfa: 1").place == Place("f.yaml", 1, 1)


def test_bytes_that_are_not_utf8_are_found() -> None:
    """The place is counted in letters, not in bytes."""
    (fault,) = read("a: ä\nb: ä".encode() + b"\xff", "f.yaml")[1]
    assert (fault.code, fault.place) == ("HW112", Place("f.yaml", 2, 5))


def test_control_characters_are_found() -> None:
    """A zero byte has no business in a text file."""
    (fault,) = read(b"---\na: 1\n---\nb: 1\nc: \x00", "f.yaml")[1]
    assert (fault.code, fault.place) == ("HW101", Place("f.yaml", 5, 4))


def test_three_amounts_without_quotes_get_their_own_mend() -> None:
    """`[31, 38, 45] EUR` is not YAML; the mend shows it in quotes."""
    (fault,) = read(b"slope: [31, 38, 45] EUR\n", "f.yaml")[1]
    assert fault.code == "HW101"
    assert '"[31, 38, 45] EUR"' in fault.mend


def test_a_key_must_be_a_word() -> None:
    """A list cannot be a key."""
    assert codes(b"? [a, b]\n: 1\n") == ["HW101"]


def test_an_unknown_directive_is_a_fault_and_no_crash() -> None:
    """A version of YAML that does not exist cannot be read."""
    assert codes(b"%YAML 9.9\n---\na: 1\n") == ["HW101"]


def test_what_was_read_before_a_fault_stays() -> None:
    """The name of a damaged document is known, so that uses of it are not called undeclared."""
    (document,) = parse(b"outcome: reopened\nmetric: {name\nx: y: z", "f.yaml")
    assert document.node is not None
    assert to_plain(document.node) == {"outcome": "reopened"}
    assert not document.whole
