"""The sample beside a new portfolio: a fictitious randomised pilot, to be thrown away."""

from __future__ import annotations

import random
from datetime import date, timedelta

from headway.exchange.documents import schema_line

FOLDER = "sample"
INITIATIVE = "sample-drafted-replies"
_UNITS = 400
_BEFORE, _GAIN = 42.0, 7.0
_LASTED, _AGO = timedelta(days=56), timedelta(days=14)


def sample_files(day: date, line: str, person: str, currency: str, schema: str) -> dict[str, str]:
    """The files of the sample, by path.

    Args:
        day: today; the pilot ended two weeks before it, so that its evidence is fresh.
        line: the P&L line that its outcome drives.
        person: who is accountable.
        currency: of the slope.
        schema: where the editor's schema lies, relative to the sample's folder.
    """
    starts, ends = day - _AGO - _LASTED, day - _AGO
    said = {
        "initiative": INITIATIVE,
        "line": line,
        "person": person,
        "currency": currency,
        "starts": starts,
        "ends": ends,
    }
    said |= {"registered": starts - timedelta(days=14)}
    said |= {
        "before": starts - timedelta(days=90),
        "by": day + timedelta(days=365),
        "schema": schema_line(schema),
    }
    return {
        f"{FOLDER}/sample.yaml": _DOCUMENTS.format(**said),
        f"{FOLDER}/pilot.csv": _rows(starts),
    }


def _rows(starts: date) -> str:
    """Cases given to one of two arms by lot: the same numbers on every machine, dated from the start."""
    draw = random.Random(20260112)  # noqa: S311 - a sample, not a secret
    lots = [arm for arm in ("control", "drafted") for _ in range(_UNITS // 2)]
    draw.shuffle(lots)
    lines = ["case,arm,minutes_before,minutes,closed"]
    for number, arm in enumerate(lots, 1):
        # Twelve uniform draws add up to a bell; sums of them are the same everywhere.
        before = _BEFORE + 9 * (sum(draw.random() for _ in range(12)) - 6)
        noise = 8 * (sum(draw.random() for _ in range(12)) - 6)
        minutes = max(3.0, _BEFORE + 0.6 * (before - _BEFORE) + noise - _GAIN * (arm == "drafted"))
        closed = starts + timedelta(days=number * 55 // _UNITS)
        lines.append(f"{number},{arm},{before:.1f},{minutes:.1f},{closed.isoformat()}")
    return "\n".join(lines) + "\n"


_DOCUMENTS = """\
{schema}
# A SAMPLE with made-up numbers, so that `headway review` has something to show. Delete the folder `sample`
# whenever you like: nothing else refers to it.
initiative: {initiative}
title: "SAMPLE: drafted replies for the service desk"
problem: >-
  Callers wait 42 minutes on average for the answer to a routine request, because agents type every reply
  anew.
outcome: sample-minutes-per-request
accountable: {person}
stage: piloting
risk: {{eu_ai_act: limited, reason: a person reads and sends every answer}}
pilot:
  design: randomised
  source: sample-pilot
  arms: {{control: 50 %, drafted: 50 %}}
  unit: request
  metric: minutes
  objective: {{change: -5 %, scale: relative}}
  covariates: [minutes_before]
  dates: {{starts: {starts}, ends: {ends}}}
  looks: once
  registered: {{where: made up, id: sample, on: {registered}}}
  stop: complaints double, or no answer by the end date
---
outcome: sample-minutes-per-request
title: "SAMPLE: routine requests are answered sooner"
statement: minimize the minutes a caller waits for the answer to a routine request
customer: callers with a routine request
metric: {{name: minutes, unit: minutes, better: lower}}
baseline: {{value: 42, low: 41, high: 43, window: {before}/{starts}}}
target: {{value: 36, by: {by}}}
drives:
  # In your own files somebody in finance attests such a slope; here you do, for the sample's sake.
  - {{to: {line}, kind: causal, slope: "[0.40, 0.60, 0.80] {currency}", per: 1 minute, volume: 20000 per year,
     owner: {person}, attested_by: {person}}}
---
source: sample-pilot
title: "SAMPLE: one row per request, made up"
kind: file
path: pilot.csv
fact: unit
columns: {{unit_id: case, variant: arm, closed_at: closed}}
"""
