"""How the pages become a site: Sphinx reads the Markdown as it lies in the repository.

``make docs`` builds it. The source folder is the checkout, so a relative link works on a Git host and in the
site. The navigation is made from the links of the index pages; a page that no index names fails the build.
"""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

project = "headway"
author = "The headway authors"
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/**/*.md",
    "examples/public-evidence/*.md",
]
exclude_patterns = [".[a-z]*", ".[a-z]*/**", "build/**", "dist/**", "src/**", "tests/**"]

extensions = ["myst_parser"]
nitpicky = True
# Deep enough for every heading that a page links to; made as Git hosts make them.
myst_heading_anchors = 6
myst_links_external_new_tab = False
# Output that a page shows is not always whole enough for a lexer; colour is not worth an error.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "headway"
html_baseurl = ""
html_static_path = ["static"]
html_css_files = ["headway.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_theme_options = {"top_of_page_buttons": []}
html_last_updated_fmt = None
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# The sidebar, caption by caption. What stands under a page is taken from that page's own links.
NAVIGATION = {
    "Start": ("What headway is </README>", "docs/tutorial"),
    "Do": ("docs/how-to/index",),
    "Look up": (
        "docs/reference/commands",
        "docs/reference/codes",
        "docs/reference/files",
        "docs/reference/facts",
        "docs/reference/designs",
        "docs/reference/gates",
        "docs/reference/kinds",
        "docs/reference/schemas",
        "docs/glossary",
    ),
    "Why": (
        "docs/why/decisions",
        "docs/why/statistics",
        "docs/why/promotion-budget",
        "docs/why/right-size",
        "docs/why/coverage",
        "docs/why/capacity",
        "docs/why/dependencies",
    ),
    "The project": (
        "examples/public-evidence/README",
        "examples/public-evidence/LICENCES",
        "CONTRIBUTING",
    ),
}
SHELF = "docs/how-to/index"
_LINK = re.compile(r"\]\(([\w-]+)\.md\)")
_FENCE = re.compile(r'^```(\w+) title="([^"]+)"$', re.MULTILINE)


def navigate(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give the index pages their tables of contents, and titled blocks their captions."""
    source[0] = _FENCE.sub(r"```{code-block} \1\n:caption: \2", source[0])
    if page == root_doc:
        source[0] += "".join(_toctree(pages, caption) for caption, pages in NAVIGATION.items())
    elif page == SHELF:
        source[0] += _toctree(tuple(f"docs/how-to/{name}" for name in _LINK.findall(source[0])))


def _toctree(pages: tuple[str, ...], caption: str = "") -> str:
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return (
        "\n\n```{toctree}\n"
        + "\n".join([*options, "", *(page if page.endswith(">") else f"/{page}" for page in pages)])
        + "\n```\n"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", navigate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
