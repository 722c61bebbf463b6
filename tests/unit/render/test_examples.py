"""Every example in the room's docstrings comes out as printed."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import headway.render

ROOM = sorted(module.name for module in pkgutil.iter_modules(headway.render.__path__))


@pytest.mark.parametrize("name", ROOM)
def test_examples_come_out(name: str) -> None:
    """Each example of the room is right."""
    assert doctest.testmod(importlib.import_module(f"headway.render.{name}")).failed == 0
