"""Folders in which pages run."""

from pathlib import Path

import pytest
from docs.console import DOCS, Stage

TUTORIAL = DOCS / "tutorial.md"


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Where pages run; what one of them leaves behind is kept for those that begin there."""
    return Stage(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def harbour(stage: Stage, tmp_path: Path) -> Path:
    """A copy of the portfolio that the tutorial leaves behind."""
    return stage.copy(TUTORIAL, tmp_path / "harbour")
