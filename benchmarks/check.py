"""`headway check` of ten thousand initiatives: cold against libyaml alone, warm, and with one file changed.

The rival takes the events of every file from libyaml and does nothing with them: no tool that uses libyaml
can read the files in less, and `check` also validates them, follows every name and reads every problem.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from timing import Timed, in_turn, once, report, summed

_INITIATIVES = 10_000
_RIVAL = """
import sys, pathlib
from yaml import events
from yaml._yaml import CParser
for file in sorted(pathlib.Path(sys.argv[1]).rglob("*.yaml")):
    parser = CParser(file.read_bytes())
    while type(parser.get_event()) is not events.StreamEndEvent:
        pass
"""
_SETTINGS = {
    "portfolio.yaml": "headway: 1\nportfolio: big\ncurrency: EUR\ntime_zone: Europe/Berlin\n",
    "people.yaml": (
        "people: big\npersons:\n  - {id: p-1, name: A}\n  - {id: p-2, name: B}\nseats:\n"
        "  - {id: head-of-claims, holder: p-1, deputy: p-2}\n"
        "  - {id: chief-operating-officer, holder: p-2, deputy: p-1}\n"
    ),
    "outcomes.yaml": (
        "outcome: claims-settled-first-time\ncustomer: people with an open claim\n"
        "metric: {name: reopened, unit: share, better: lower}\n"
        "baseline: {value: 0.19, low: 0.18, high: 0.20, window: 2025-09-01/2026-01-01}\n"
        "owner: head-of-claims\ndrives:\n"
        '  - {to: claims-handling-cost, kind: causal, slope: "[31, 38, 45] EUR", per: 1 reopened,\n'
        "     volume: 240000 per year, owner: head-of-claims, attested_by: chief-operating-officer}\n---\n"
        "outcome: claims-handling-cost\nline: cost\ncashable: yes\nowner: head-of-claims\n"
    ),
    "sources.yaml": "source: replies\nkind: file\npath: data/replies.parquet\nfact: unit\n",
    "components.yaml": "component: llm-gateway\nowner: head-of-claims\n",
}
_INITIATIVE = """\
initiative: reply-assistant-{n:05d}   # the name of the initiative
title: Drafted replies for claims agents
problem: >                           # the problem, not the tool
  Agents retype the same twenty requests for documents; one claim in five is reopened because a paper
  was forgotten.
outcome: claims-settled-first-time
accountable: head-of-claims
sponsor: chief-operating-officer
stage: piloting                      # what is claimed; the ledger says what was decided
uses: [llm-gateway]
cost:
  select: [{{tag: {{application: reply-assistant-{n:05d}}}}}]
  people: [{{role: ml-engineer, share: 50 %, of: 1, rate: 9500 EUR per month}}]
forecast: {{line: claims-handling-cost, per_year: "[120000, 310000, 520000] EUR"}}
cost_of_delay: 4000 EUR per week
pilot:
  design: clusters                   # the arms were drawn by team
  source: replies
  arms: {{control: 50 %, assisted: 50 %}}
  unit: claim
  cluster: team
  metric: reopened                   # exactly one outcome
  objective: {{change: -10 %, scale: relative}}
  covariates: [reopened_before]
  fixed_effects: []
  dates: {{starts: 2026-01-12, ends: 2026-04-12}}
  plan: {{units: 4000}}
  looks: daily
  budget: 80000 EUR
  stop: reopened rises beyond +5 %, or no answer by the end date
  guardrails: [{{metric: complaints, kind: count, worse: up, margin: {{ratio: 1.1}}}}]
  proxies: [drafts_accepted]
training: {{roles: [claims-agent], course: drafted-replies}}
allow: []                            # findings kept on purpose, each with a reason
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Time the sides in turn; what is kept lies beside the data, so that each side finds it as it should."""
    del rows
    folder = _portfolio(cache / "check")
    ours = [sys.executable, "-m", "headway", "check", str(folder)]
    kept = cache / "check-kept"
    sides = {
        "headway check, cold": ours,
        "libyaml's events alone": [sys.executable, "-c", _RIVAL, str(folder)],
    }
    os.environ["HEADWAY_CACHE"] = "off"
    timed = in_turn(sides, repeat)
    report(timed, *sides)
    os.environ["HEADWAY_CACHE"] = str(kept)
    changed = folder / "initiatives" / "i00007.yaml"
    runs: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": [], "one file changed": []}
    for turn in range(repeat):
        shutil.rmtree(kept, ignore_errors=True)
        changed.write_text(_INITIATIVE.format(n=7))
        runs["cold"].append(once(ours))
        runs["warm"].append(once(ours))
        changed.write_text(f"{_INITIATIVE.format(n=7)}notes: turn {turn}\n")
        runs["one file changed"].append(once(ours))
    changed.write_text(_INITIATIVE.format(n=7))
    again: dict[str, Timed] = {f"headway check, keeping: {name}": summed(seen) for name, seen in runs.items()}
    cold, *others = again
    for other in others:
        report({cold: again[cold], other: again[other]}, other, cold)
    del os.environ["HEADWAY_CACHE"]


def _portfolio(folder: Path) -> Path:
    initiatives = folder / "initiatives"
    if not (initiatives / f"i{_INITIATIVES - 1:05d}.yaml").exists():
        initiatives.mkdir(parents=True, exist_ok=True)
        for name, text in _SETTINGS.items():
            (folder / name).write_text(text)
        for n in range(_INITIATIVES):
            (initiatives / f"i{n:05d}.yaml").write_text(_INITIATIVE.format(n=n))
    return folder
