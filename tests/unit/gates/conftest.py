"""A small portfolio on disk that a test may change file by file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from headway.portfolio.load import Portfolio, load

SETTINGS = """\
headway: 1
portfolio: harbour
currency: EUR
time_zone: Europe/Berlin
"""
INITIATIVE = """\
initiative: replies
problem: agents retype twenty requests a day, and one claim in five is reopened
outcome: first-time
accountable: head-of-claims
sponsor: ben
"""
PILOT = """\
stage: piloting
pilot:
  design: randomised
  source: rows
  arms: [control, assisted]
  metric: reopened
  objective: {change: -10 %, scale: relative}
"""
SMALL = {
    "portfolio.yaml": SETTINGS,
    "people.yaml": """\
people: harbour
persons: [{id: ann, active_until: 2026-03-31}, {id: ben}]
seats: [{id: head-of-claims, holder: ann}]
functions: {hr: {lead: ben}}
""",
    "outcomes.yaml": """\
outcome: first-time
metric: {name: reopened, unit: share, better: lower}
customer: private customers with an open claim
drives: [{to: claims-cost, kind: causal, owner: ben, attested_by: ben}]
---
outcome: claims-cost
line: cost
""",
    "initiatives.yaml": INITIATIVE,
}

Declare = Callable[..., Portfolio]


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Write the small portfolio, with some files replaced or added, and load it."""

    def write(files: Mapping[str, str] | None = None) -> Portfolio:
        for name, text in {**SMALL, **(files or {})}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        made = load(tmp_path).portfolio
        assert made is not None
        return made

    return write
