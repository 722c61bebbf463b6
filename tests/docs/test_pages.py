"""Links lead somewhere, YAML is YAML, and no page names a machine or a registry."""

import re
from pathlib import Path

import pytest
from docs.console import DOCS, ROOT, begins_where, fences, pages, unexplained
from docs.generate import anchors, holding

from headway.portfolio.yaml import read

PAGES = (
    *pages(),
    ROOT / "CONTRIBUTING.md",
    ROOT / "changes" / "README.md",
    *sorted((ROOT / "examples").rglob("*.md")),
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# In pieces, so that this file does not match itself.
HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js", "proxy." + "golang")
MACHINE = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me|Us" + r"ers|tm" + r"p)/")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_to_a_file_and_an_anchor(page: Path) -> None:
    """No link between pages is dead."""
    dead = []
    for link in LINK.findall(prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


def test_every_page_can_be_reached() -> None:
    """From the README, link by link, one comes to every page."""
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(page))]
    assert set(DOCS.rglob("*.md")) <= seen


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_yaml_block_is_read_by_the_strict_reader(page: Path) -> None:
    """What a page shows as YAML, headway reads."""
    for fence in fences(page.read_text(encoding="utf-8")):
        if fence.language == "yaml":
            _, faults = read(fence.text.encode(), f"{page.name}:{fence.at}")
            assert faults == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_page_names_a_registry_or_a_machine(page: Path) -> None:
    """Whoever builds brings their own hosts and folders."""
    text = page.read_text(encoding="utf-8")
    assert [host for host in HOSTS if host in text] == []
    assert MACHINE.findall(text) == []


@pytest.mark.parametrize("page", pages(), ids=NAMES[: len(pages())])
def test_every_console_block_is_run_or_says_why_not(page: Path) -> None:
    """A page that shows commands says where they begin, so that the tests can run them."""
    assert [at for at in unexplained(page) if page.name != "README.md"] == []
    before = begins_where(page)
    assert before is None or before.is_file()


def test_a_block_that_nobody_runs_is_found(tmp_path: Path) -> None:
    """Only a reason excuses it."""
    page = tmp_path / "page.md"
    page.write_text("# P\n\n```sh\nrm -r x\n```\n\n<!-- not run: a reason -->\n```console\n$ x\n```\n")
    assert unexplained(page) == [3]


def test_a_page_that_holds_a_file_holds_it_as_it_is() -> None:
    """Mend with `python -m docs.generate`."""
    found = holding()
    assert DOCS / "how-to" / "ci.md" in found
    assert {page for page, made in found.items() if page.read_text(encoding="utf-8") != made} == set()
