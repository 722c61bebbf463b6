"""The tree keeps the house rules that no other tool checks."""

import ast
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "headway"
LOCKS = ("requirements.lock", "requirements-dev.lock")
CEILING = 400
# Lowest first, as the design lists them: a room may import only rooms before it.
ROOMS = (
    "kernel", "statistics", "portfolio", "store", "facts", "aggregates", "sources", "measures", "evidence",
    "gates", "decisions", "planning", "rollout", "exchange", "render", "app", "cli", "web",
)  # fmt: skip
# In pieces, so that this file does not match itself.
HOSTS = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("registry", "npm" + "js"),
        ("registry", "yarn" + "pkg"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("ftp", "debian", "org"),
        ("proxy", "golang", "org"),
    )
)
FOLDERS = ("wo" + "rk", "fa" + "rm", "ro" + "ot", "Us" + "ers", "tmp/bash" + "_jobs")
FOREIGN_PATH = re.compile(rf"(?<![\w.])/(?:{'|'.join(FOLDERS)})/")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def texts() -> dict[str, str]:
    """Every file that is or may be committed, as text."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a Git checkout: which files are committed is known to Git alone")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [name for name in listing.split("\0") if name and (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in names}


def matching(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs in the committed files, as file:line."""
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def pins(lock: str) -> dict[str, str]:
    """The versions a lock holds, by normalised name."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def runtime() -> list[Requirement]:
    """What the package declares it needs, extras included."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    words = [*PROJECT["project"]["dependencies"], *(word for extra in extras for word in extra)]
    return [Requirement(word) for word in words]


def contract(name: str) -> dict[str, Any]:
    """An import contract by its id."""
    contracts: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]
    return next(found for found in contracts if found["id"] == name)


def test_no_file_names_a_registry_host() -> None:
    """Whoever builds this brings their own registry: no file names one."""
    assert matching(re.compile("|".join(map(re.escape, HOSTS)))) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    """A path that exists on one machine only is in no file."""
    assert matching(FOREIGN_PATH) == []


def test_no_source_file_outgrows_its_reader() -> None:
    """A source file past the ceiling holds two concepts."""
    sizes = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert [f"{path.relative_to(ROOT)}: {size}" for path, size in sizes.items() if size > CEILING] == []


def test_every_package_says_what_it_is() -> None:
    """Every folder of code opens with a docstring that tells a newcomer what lives there."""
    above = {folder for path in PACKAGE.rglob("*.py") for folder in path.parents}
    folders = sorted(folder for folder in above if folder.is_relative_to(PACKAGE))
    assert [str(folder.relative_to(ROOT)) for folder in folders if not has_docstring(folder)] == []


def has_docstring(folder: Path) -> bool:
    """Whether a folder has an `__init__.py` that opens with a docstring."""
    opening = folder / "__init__.py"
    return opening.exists() and bool(ast.get_docstring(ast.parse(opening.read_text())))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_host(lock: str) -> None:
    """Every pinned package carries hashes, and nothing in a lock says where it is fetched from."""
    text = (ROOT / lock).read_text()
    pinned = re.split(r"^(?=[\w.-]+(?:\[[\w,.-]+\])?==)", text, flags=re.MULTILINE)[1:]
    assert pinned
    assert [block.split()[0] for block in pinned if "--hash=sha256:" not in block] == []
    assert re.findall(r"://|--index|--find-links|--extra-index|--trusted-host", text) == []


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements.lock", ("build",)), ("requirements-dev.lock", ("build", "dev"))],
)
def test_a_lock_holds_what_is_declared(lock: str, groups: tuple[str, ...]) -> None:
    """A range that changed without `make lock` fails here and not at somebody's install."""
    held = pins(lock)
    declared = [Requirement(word) for group in groups for word in PROJECT["dependency-groups"][group]]
    declared += [Requirement(word) for word in PROJECT["project"]["dependencies"]]
    declared += runtime() if "dev" in groups else []
    unmet = [need for need in declared if held.get(canonicalize_name(need.name), "0") not in need.specifier]
    assert unmet == []


def test_development_runs_what_users_run() -> None:
    """The development lock holds the core lock, version for version."""
    core, dev = (pins(lock) for lock in LOCKS)
    assert core.items() <= dev.items()


def in_order(room: str) -> int:
    """A room's place in the design's list; a room that is not in it comes first."""
    return ROOMS.index(room) if room in ROOMS else -1


def test_the_import_contract_lists_the_rooms() -> None:
    """The layers that import-linter enforces are the design's list, and every folder is a room."""
    layers: list[str] = contract("rooms")["layers"]
    listed = [room for layer in reversed(layers) for room in sorted(re.findall(r"\w+", layer), key=in_order)]
    assert listed == list(ROOMS)
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= set(ROOMS)


def test_sources_and_measures_share_a_layer() -> None:
    """Neither sources nor measures may import the other: side by side in a layer, both ways are barred."""
    layers: list[str] = contract("rooms")["layers"]
    assert [layer for layer in layers if {"sources", "measures"} <= set(re.findall(r"\w+", layer))]


@pytest.mark.parametrize(("room", "may"), [("kernel", set()), ("statistics", {"numpy", "scipy"})])
def test_the_pure_rooms_bar_every_dependency(room: str, may: set[str]) -> None:
    """A dependency added to the project is barred from kernel and statistics the same day."""
    barred = set(contract(room)["forbidden_modules"])
    modules: dict[str, set[str]] = {need.name: set() for need in runtime() if need.name not in may}
    for module, owners in packages_distributions().items():
        for name, found in modules.items():
            if canonicalize_name(name) in map(canonicalize_name, owners):
                found.add(module)
    assert [name for name, found in modules.items() if not found & barred] == []


def test_the_guide_lists_rooms_and_targets() -> None:
    """CONTRIBUTING names every room in order and every make target."""
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    listed = re.search(r"```text\n(.*?)```", guide, re.DOTALL)
    assert listed
    assert re.findall(r"\w+", listed.group(1)) == list(ROOMS)
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [target for target in targets if f"`make {target}`" not in guide] == []


def test_every_dependency_is_accounted_for() -> None:
    """Each dependency has its row on the page that says why it is here and what it costs."""
    page = (ROOT / "docs" / "why" / "dependencies.md").read_text()
    assert [need.name for need in runtime() if f"| {need.name} |" not in page] == []


def test_change_notes_are_named_for_their_kind() -> None:
    """A change note's name says what it is about and what kind of change it is."""
    notes = {path.name for path in (ROOT / "changes").iterdir()} - {"README.md"}
    named = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(added|changed|fixed|removed|security)\.md")
    assert [name for name in sorted(notes) if not named.fullmatch(name)] == []
