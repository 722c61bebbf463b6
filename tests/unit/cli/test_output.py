"""Where `-o` writes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import click
import pytest

from headway.cli.options import emit


def test_a_file_is_written_whole_and_no_part_of_it_stays(tmp_path: Path) -> None:
    """In a folder that is made where it is not there."""
    emit("told", tmp_path / "new" / "review.txt")
    assert [(p.name, p.read_text()) for p in (tmp_path / "new").iterdir()] == [("review.txt", "told\n")]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    """A file put in the place of a pipe, or of /dev/null, would take it from everybody else."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    emit("told", pipe)
    reader.join(10)
    assert read == ["told\n"]
    assert pipe.is_fifo()


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """A folder is no file."""
    place = tmp_path / "folder"
    place.mkdir()
    with pytest.raises(click.FileError) as told:
        emit("told", place)
    assert told.value.filename == str(place)
