"""A small declared portfolio, and how a test writes its own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from headway.portfolio.load import Loaded, load

SETTINGS = """\
headway: 1
portfolio: harbour
currency: EUR
time_zone: Europe/Berlin
"""
PEOPLE = """\
people: harbour
persons:
  - {id: ann, accounts: [Ann@Harbour.example], active_until: 2026-06-30}
  - {id: ben}
  - {id: cem}
seats:
  - {id: head-of-claims, holder: ann, deputy: cem}
  - {id: head-of-platform, deputy: cem}
  - {id: head-of-people}
functions:
  finance: {lead: ben}
  legal: {lead: head-of-claims}
  hr: {lead: head-of-people}
"""
OUTCOME = """\
outcome: claims-settled-first-time
customer: private customers with an open claim
metric: {name: reopened, unit: share, better: lower}
baseline: {value: 19 %}
drives:
  - {to: claims-handling-cost, kind: causal, owner: ben, attested_by: ben, valid_until: 2026-12-31}
---
outcome: claims-handling-cost
line: cost
cashable: yes
"""
INITIATIVE = """\
initiative: reply-assistant
problem: agents retype twenty requests a day, and one claim in five is reopened
outcome: claims-settled-first-time
accountable: head-of-claims
sponsor: ben
"""
SMALL = {
    "portfolio.yaml": SETTINGS,
    "people.yaml": PEOPLE,
    "outcomes/first-time.yaml": OUTCOME,
    "initiatives/reply-assistant.yaml": INITIATIVE,
}

Declare = Callable[..., Loaded]


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Write the small portfolio, with some files replaced, added or (None) left out, and load it."""

    def write(files: Mapping[str, str | bytes | None] | None = None) -> Loaded:
        for name, text in {**SMALL, **(files or {})}.items():
            if text is not None:
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(tmp_path)

    return write
