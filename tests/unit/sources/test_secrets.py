"""Secrets come from the environment or from a folder of secrets, and are not repeated."""

from pathlib import Path

import pytest

from headway.kernel.errors import SourceFault
from headway.sources.secrets import FOLDERS, references, reveal


def fault(text: str, environment: dict[str, str]) -> SourceFault:
    """Why a text cannot be revealed."""
    with pytest.raises(SourceFault) as raised:
        reveal(text, "claims", environment)
    return raised.value


def test_a_variable_and_a_file_take_the_place_of_their_names(tmp_path: Path) -> None:
    """Beside each other, in one address."""
    (tmp_path / "db").write_text("s3cret-word\n")
    made = reveal(
        f"postgresql://ann:${{file:{tmp_path / 'db'}}}@${{DB_HOST}}/claims",
        "claims",
        {"DB_HOST": "db.example", FOLDERS: str(tmp_path)},
    )
    assert made.text == "postgresql://ann:s3cret-word@db.example/claims"
    assert made.values == ("s3cret-word", "db.example")


def test_what_is_named_is_known_without_being_read() -> None:
    """A doctor asks for the names alone."""
    assert references("${A}/${file:/run/secrets/b}/$C") == (("variable", "A"), ("file", "/run/secrets/b"))


def test_a_link_as_platforms_mount_secrets_is_followed_inside_the_folder(tmp_path: Path) -> None:
    """Kubernetes mounts a link to a link to the file."""
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "db").write_text("word")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "db").symlink_to("..data/db")
    assert reveal(f"${{file:{tmp_path / 'db'}}}", "claims", {FOLDERS: str(tmp_path)}).text == "word"


@pytest.mark.parametrize("way", ["{outside}", "{inside}/../outside/key", "{inside}/link", "outside/key"])
def test_no_file_outside_the_folders_of_secrets_is_read(way: str, tmp_path: Path) -> None:
    """Neither by its path, nor by dots, nor by a link that leads out, nor by a relative path."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "key").write_text("private")
    (inside / "link").symlink_to(outside / "key")
    named = way.format(inside=inside, outside=outside / "key")
    found = fault(f"${{file:{named}}}", {FOLDERS: str(inside)})
    assert found.code == "HW310"
    assert "private" not in str(found)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"one\ntwo\n", b"\xff\xfe", b"x" * 20_000])
def test_a_file_that_holds_no_one_line_is_refused(content: bytes, tmp_path: Path) -> None:
    """And what it holds is not repeated."""
    (tmp_path / "db").write_bytes(content)
    found = fault(f"${{file:{tmp_path / 'db'}}}", {FOLDERS: str(tmp_path)})
    assert found.code == "HW310"
    assert "two" not in str(found)


def test_a_file_that_is_not_there_and_a_variable_that_is_not_set_are_told_by_name(tmp_path: Path) -> None:
    """Each with its own code."""
    assert fault("${file:/run/secrets/absent-here}", {}).code == "HW310"
    assert fault("${ABSENT}", {}).code == "HW307"


@pytest.mark.parametrize(
    "said",
    [
        "cannot open postgresql://ann:p%40ss-word@db/x",
        "password p%40ss-word refused",
        "password p@ss-word refused",
        "PASSWORD=p@ss-word",
    ],
)
def test_no_form_of_a_password_is_repeated(said: str) -> None:
    """As it stands and as it is meant."""
    made = reveal("${URL}", "claims", {"URL": "postgresql://ann:p%40ss-word@db/x"})
    hidden = made.hide(said)
    assert "ss-word" not in hidden
