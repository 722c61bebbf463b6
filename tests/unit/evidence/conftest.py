"""A portfolio with two pilots over two files, and a bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headway.evidence.collect import Collected, Keeping, collect
from headway.portfolio.load import load

AS_OF = datetime(2026, 4, 20, 12, tzinfo=UTC)
NOW = datetime(2026, 4, 20, 13, tzinfo=UTC)
PILOT = """\
initiative: {name}
problem: agents retype twenty requests a day, and one claim in five is reopened
outcome: first-time
accountable: ann
sponsor: ben
stage: piloting
cost: {{people: [{{role: engineer, share: 50 %, of: 1, rate: 9500 EUR per month}}]}}
pilot:
  design: randomised
  source: {name}-rows
  arms: {{control: 50 %, assisted: 50 %}}
  unit: claim
  metric: minutes
  objective: {{change: -10 %, scale: relative}}
  dates: {{starts: 2026-01-12, ends: 2026-04-12}}
  registered: {{where: osf.io, id: abc, on: 2025-12-01}}
"""
SOURCE = """\
source: {name}-rows
kind: file
path: data/{name}.csv
fact: unit
citation: our own claims
licence: internal
"""
FILES = {
    "portfolio.yaml": "headway: 1\nportfolio: harbour\ncurrency: EUR\ntime_zone: Europe/Berlin\n",
    "people.yaml": "people: harbour\npersons: [{id: ann}, {id: ben}]\n",
    "outcomes.yaml": """\
outcome: first-time
customer: private customers with an open claim
metric: {name: minutes, unit: minutes, better: lower}
baseline: {value: 20, low: 19, high: 21}
drives:
  - {to: claims-cost, kind: causal, slope: [31 EUR, 38 EUR, 45 EUR], per: 1 minute, volume: 1000 per year,
     owner: ben, attested_by: ben}
---
outcome: claims-cost
line: cost
""",
    "replies.yaml": PILOT.format(name="replies"),
    "letters.yaml": PILOT.format(name="letters"),
    "sources.yaml": SOURCE.format(name="replies") + "---\n" + SOURCE.format(name="letters"),
}


def rows(shift: float = 0.0) -> str:
    """Forty claims, the assisted ones a quarter faster; the last of them closed on 8 March."""
    lines = ["unit_id,variant,minutes,closed_at"]
    for n in range(40):
        arm = ("control", "assisted")[n % 2]
        minutes = (20 if arm == "control" else 15) + n % 5 * 0.3 + shift
        lines.append(f"{n},{arm},{minutes},2026-{2 + n // 32:02d}-{1 + n % 28:02d}")
    return "\n".join(lines) + "\n"


Gather = Callable[..., Collected]


@pytest.fixture
def gather(tmp_path: Path) -> Gather:
    """Write the portfolio, with some files replaced or (None) taken away, and collect its evidence."""

    def run(
        files: Mapping[str, str | None] | None = None, as_of: datetime = AS_OF, **rest: object
    ) -> Collected:
        data: dict[str, str | None] = {"data/replies.csv": rows(), "data/letters.csv": rows(1.0)}
        for name, text in {**FILES, **data, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
        portfolio = load(tmp_path).portfolio
        assert portfolio is not None
        received: datetime = rest.pop("received_at", NOW)  # type: ignore[assignment]
        return collect(portfolio, as_of, received, Keeping(tmp_path / ".headway"), **rest)  # type: ignore[arg-type]

    return run
