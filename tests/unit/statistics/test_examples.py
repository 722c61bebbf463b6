"""Every example in the room's docstrings comes out as printed."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import headway.statistics

ROOM = sorted(module.name for module in pkgutil.iter_modules(headway.statistics.__path__))


@pytest.mark.parametrize("name", ROOM)
def test_examples_come_out(name: str) -> None:
    """Each module of the room shows at least one number, and it is right."""
    failed, tried = doctest.testmod(importlib.import_module(f"headway.statistics.{name}"))
    assert (failed, tried > 0) == (0, True)
