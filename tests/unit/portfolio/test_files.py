"""Reading many files, and what is kept of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from headway.kernel.diagnostic import Diagnostic
from headway.portfolio import files, yaml
from headway.portfolio.check import check
from headway.portfolio.files import Written, read_files, yaml_files
from headway.portfolio.kept import MOST, OFF, Kept, cache_folder
from headway.portfolio.load import load
from headway.portfolio.yaml import parse_with_places, sound

SETTINGS = "headway: 1\nportfolio: big\ncurrency: EUR\ntime_zone: UTC\n"
MANY = 60


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HEADWAY_CACHE", str(folder))
    return folder


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A portfolio of more files than are read without remembering them, two of them faulty."""
    root = tmp_path / "big"
    root.mkdir()
    (root / "portfolio.yaml").write_text(SETTINGS)
    for i in range(MANY):
        (root / f"c{i:02d}.yaml").write_text(f"component: c{i:02d}\nowner: nobody\n")
    (root / "c07.yaml").write_text("component: c07\ncolour: red\n")
    (root / "c08.yaml").write_text("component: [\n")
    return root


def told(root: Path) -> list[str]:
    """Everything `check` finds."""
    return [str(d) for d in check(load(root))]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The contents that were read anew."""
    seen: list[bytes] = []

    def counted(content: bytes) -> object:
        seen.append(content)
        return sound(content)

    monkeypatch.setattr(yaml, "sound", counted)
    return seen


def test_a_second_look_reads_nothing_and_finds_the_same(many: Path, reads: list[bytes], cache: Path) -> None:
    """Places included, though no place is remembered; a file that changed is read alone."""
    first = told(many)
    assert len(reads) == MANY + 1
    reads.clear()
    assert told(many) == first
    assert reads == []
    (many / "c20.yaml").write_text("component: c20\nowner: nobody\ncolour: blue\n")
    again = told(many)
    assert len(reads) == 1
    assert [line.split()[0] for line in set(again) - set(first)] == ["c20.yaml:3:1:"]


def test_a_file_that_moved_is_told_at_its_new_place(many: Path, reads: list[bytes]) -> None:
    """The same bytes under another name: nothing is read, and the new name is told."""
    told(many)
    reads.clear()
    (many / "c07.yaml").rename(many / "moved.yaml")
    assert any(line.startswith("moved.yaml:2:1") for line in told(many))
    assert reads == []


def test_what_is_no_longer_there_is_forgotten(many: Path) -> None:
    """What is kept does not grow with every edit."""
    told(many)
    kept = Kept("files", many)
    (many / "c20.yaml").write_text("component: c20\nowner: somebody\n")
    told(many)
    assert len(kept.load()) == MANY + 1
    for i in range(30, MANY):
        (many / f"c{i:02d}.yaml").unlink()
    told(many)
    assert len(kept.load()) == 31


def test_only_the_user_can_read_what_is_kept(many: Path, cache: Path) -> None:
    """A portfolio may be confidential."""
    told(many)
    (file,) = cache.iterdir()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other version", "not json"])
def test_what_does_not_read_as_it_was_written_is_thrown_away(
    many: Path, cache: Path, reads: list[bytes], damage: str
) -> None:
    """Cut, altered, of another version: the files are read, and the answer is the same."""
    first = told(many)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    at = whole.index(b"nobody")
    file.write_bytes(
        {
            "cut": whole[:-9],
            "flip": whole[:at] + b"nobodz" + whole[at + 6 :],
            "empty": b"",
            "other version": whole.replace(b"headway ", b"headway 0", 1),
            "not json": b"\xff\xfe",
        }[damage]
    )
    reads.clear()
    assert told(many) == first
    assert len(reads) == MANY + 1


def test_nothing_in_the_portfolio_says_what_its_files_say(many: Path, cache: Path) -> None:
    """A folder that somebody else wrote is only read: what is kept lies elsewhere."""
    before = sorted(p.name for p in many.rglob("*"))
    told(many)
    assert sorted(p.name for p in many.rglob("*")) == before
    assert not cache.is_relative_to(many)


def test_it_can_be_turned_off_and_does_without_a_home(
    many: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HEADWAY_CACHE=off keeps nothing; without one, XDG's cache folder or that of the home is used."""
    monkeypatch.setenv("HEADWAY_CACHE", OFF)
    told(many)
    assert cache_folder() is None
    assert Kept("files", many).load() is None
    monkeypatch.delenv("HEADWAY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "headway"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "headway"

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None


def test_a_disk_that_refuses_costs_time_only(
    many: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the folder should be, and a disk that fills up."""
    first = told(many)
    (file,) = cache.iterdir()
    file.unlink()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", full)
    assert told(many) == first
    assert list(cache.iterdir()) == []
    cache.rmdir()
    cache.write_text("a file")
    assert told(many) == first


def test_portfolios_not_used_for_longest_are_forgotten(tmp_path: Path, cache: Path) -> None:
    """As many as fifty are kept."""
    for i in range(MOST + 5):
        Kept("files", tmp_path / str(i)).save({"n": i})
        for at, file in enumerate(sorted(cache.iterdir(), key=lambda f: f.stat().st_mtime_ns)):
            os.utime(file, (at, at))
    assert len(list(cache.iterdir())) == MOST
    assert Kept("files", tmp_path / "0").load() is None
    assert Kept("files", tmp_path / str(MOST + 4)).load() == {"n": MOST + 4}


def test_several_processes_read_what_one_does(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order, the faulty ones too, whatever the number of cores."""
    names = yaml_files(many, [])
    monkeypatch.setenv("HEADWAY_CACHE", OFF)
    alone = list(read_files(many, names))
    monkeypatch.setattr(files, "FEW", 10)
    monkeypatch.setattr(files, "_CHUNK", 7)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr("threading.active_count", lambda: 1)
    together = list(read_files(many, names))
    assert together == alone
    assert [w.file for w in together if isinstance(w, Written) and w.sound is None] == ["c08.yaml"]
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert list(read_files(many, names)) == alone


def test_a_file_that_cannot_be_opened_stands_in_its_place(many: Path) -> None:
    """It is a fault among the others, at its turn."""
    (many / "c03.yaml").unlink()
    (many / "c03.yaml").symlink_to("nowhere")
    found = list(read_files(many, yaml_files(many, [])))
    assert [i for i, w in enumerate(found) if isinstance(w, Diagnostic)] == [3]


def test_the_two_readers_agree_on_every_example() -> None:
    """All files of the examples, sound and broken: the fast reader reads what the careful one reads."""
    seen = 0
    for file in Path(__file__).parents[3].joinpath("examples").rglob("*.yaml"):
        content = file.read_bytes()
        plain = sound(content)
        if plain is not None:
            seen += 1
            careful = parse_with_places(content, "f.yaml")
            assert [p.plain for p in careful] == plain
            assert not any(p.diagnostics for p in careful)
    assert seen > 100


def test_what_is_kept_is_json_and_nothing_else(many: Path, cache: Path) -> None:
    """Reading it runs nothing."""
    told(many)
    (file,) = cache.iterdir()
    head, _, body = file.read_bytes().partition(b"\n")
    assert head.startswith(b"headway ")
    assert {"component": "c01", "owner": "nobody"} in [
        d for docs in json.loads(body).values() if docs for d in docs
    ]


@pytest.fixture
def by_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are read by three processes, a few at a time."""
    monkeypatch.setenv("HEADWAY_CACHE", OFF)
    monkeypatch.setattr(files, "FEW", 10)
    monkeypatch.setattr(files, "_CHUNK", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr("threading.active_count", lambda: 1)


@pytest.mark.usefixtures("by_processes")
def test_no_process_stays_when_reading_is_given_up() -> None:
    """As after Ctrl-C in the middle."""
    reading = _reading()
    next(reading)
    assert len(multiprocessing.active_children()) == 3
    reading.close()
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("by_processes")
def test_the_work_of_a_process_that_was_killed_is_done() -> None:
    """The answer is the same when the system ends one for want of memory."""
    reading = _reading()
    found = [next(reading)]
    victim = multiprocessing.active_children()[0]
    victim.kill()
    victim.join()
    found += reading
    assert found == [sound(content) for content in _contents()]


def _contents() -> list[bytes]:
    # More than a pipe holds, so that no process is done before it is listened to.
    long = b"a word " * 500
    return [b"component: x%d\nowner: nobody # %d\nnotes: %s\n" % (n, n, long) for n in range(600)]


def _reading() -> Generator[object, None, None]:
    reading = files._documents(_contents())  # noqa: SLF001  what read_files hands on, before names
    assert isinstance(reading, Generator)
    return reading
