"""Use case ``rollout order``: draw who starts when by lot, and record it before anybody starts."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from headway.aggregates.ask import ask
from headway.aggregates.request import Request, count
from headway.app.check import Checked
from headway.app.decide import git_person
from headway.app.decided import decisions_of
from headway.app.wiring import head_file, open_store, store_folder
from headway.decisions.approvals import Refused
from headway.decisions.ledger import Act, Ledger, Recorded
from headway.facts.panel import ORDER_DRAWN
from headway.kernel.clock import now
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, instant
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import Pilot
from headway.rollout.order import LEAST_PER_START, NEVER, Order, draw, too_few
from headway.sources.base import Context, bind

SCHEMA = "headway.rollout-order/1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        starts: the first treated periods, in order; `never` for units that are kept out.
        units: a CSV file with `unit_id` and perhaps `stratum`; by default the units of the pilot's panel.
        seed: where somebody names it; by default this machine's source of chance.
        actor: a person's id; by default the person whose account is Git's user.email.
        dry_run: tell what would be drawn, and draw nothing.
    """

    starts: tuple[str, ...]
    units: Path | None = None
    seed: str | None = None
    actor: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """An order that was recorded, or how many units would be dealt to each start."""

    initiative: str
    per_start: Mapping[str, int]
    strata: int
    order: Order | None = None
    recorded: Recorded | None = None

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.rollout-order/1``."""
        entry = self.recorded.entry if self.recorded else None
        behind = self.recorded.behind if self.recorded else None
        return {
            "schema": SCHEMA,
            "initiative": self.initiative,
            "recorded": entry is not None,
            "seq": entry.seq if entry else None,
            "at": instant(entry.at) if entry else None,
            "actor": entry.actor if entry else None,
            "seed": self.order.seed if self.order else None,
            "strata": self.strata,
            "units": sum(self.per_start.values()),
            "per_start": dict(self.per_start),
            "starts": dict(self.order.starts) if self.order else {},
            "head_behind": str(behind) if behind else None,
        }


def rollout_order(checked: Checked, name: str, asked: Asked) -> Drawn | Refused:
    """Draw an order and record it; once drawn it is never drawn again.

    A dry run tells how many units each start would have, never which: an order that one may look at before
    it counts can be drawn until it pleases.

    Args:
        checked: the portfolio.
        name: the initiative.
        asked: who, when, from what.

    Returns:
        The order; or why there is none: HW432 its pilot is no rollout in a drawn order, HW528 nobody by that
        name may, HW907 it was drawn before, starts too early, or has too few units.

    Raises:
        KeyError: no such initiative.
        SourceFault: the units cannot be read.
        LedgerFault: nothing was recorded.
        HeadwayError: the store is not to be had.
    """
    portfolio = checked.portfolio
    assert portfolio is not None  # noqa: S101 - the command ends without one
    initiative = portfolio.initiatives[name]
    at = now()
    stopped = _unfit(initiative) or _not_now(portfolio, initiative, asked, at)
    if stopped:
        return stopped
    units = _listed(asked.units) if asked.units else _of_panel(portfolio, initiative, at)
    if too_few(units, asked.starts):
        what = f"{len(units)} units for {len(asked.starts)} starts; each needs {LEAST_PER_START} at the least"
        return Refused("HW907", what, "take fewer starts, or more units")
    seed = asked.seed or secrets.token_hex(16)
    order = draw(units, asked.starts, seed)
    if asked.dry_run:
        # How many is the same for every seed but for a unit left over; which is not for anybody to see.
        return Drawn(name, order.per_start(asked.starts), order.strata)
    actor = asked.actor or git_person(portfolio) or ""
    person = portfolio.people.person(actor)
    if person is None or person.left(at.date()):
        what = f"'{actor}' is not in people.yaml" if person is None else f"'{actor}' has left"
        return Refused("HW528", what, "draw as a person in people.yaml who is in office (--as PERSON)")
    body = order.as_body(given=asked.seed is not None)
    with open_store(portfolio) as store:
        ledger = Ledger(store, head_file(portfolio))
        recorded = ledger.append(Act(at=at, actor=actor, act=ORDER_DRAWN, subject=name, body=body))
    return Drawn(name, order.per_start(asked.starts), order.strata, order, recorded)


def _unfit(initiative: Initiative) -> Refused | None:
    pilot = initiative.pilot
    if pilot is not None and pilot.design == "rollout_order":
        return None
    what = f"'{initiative.initiative}' declares no pilot with design: rollout_order"
    return Refused(
        "HW432", what, "declare the rollout first: its metric, its dates, its source of fact panel"
    )


def _not_now(portfolio: Portfolio, initiative: Initiative, asked: Asked, at: datetime) -> Refused | None:
    starts = [s for s in asked.starts if s != NEVER]
    if len(set(asked.starts)) < len(asked.starts) or len(asked.starts) < 2 or not starts:  # noqa: PLR2004
        what = f"{len(asked.starts)} starts, of which {len(set(asked.starts))} differ"
        return Refused("HW907", what, "name two different starts at the least, one may be 'never'")
    for act in decisions_of(portfolio).acts:
        if act.act == ORDER_DRAWN and act.subject == initiative.initiative:
            what = f"entry {act.seq} of the ledger holds the order drawn on {act.at.date()}"
            return Refused("HW907", what, "keep to it; a second lot would let people choose")
    today = at.astimezone(ZoneInfo(portfolio.settings.time_zone)).date()
    first = _first_day(initiative.pilot, starts)
    if first is None:
        what = f"no day is known for the start '{starts[0]}'"
        return Refused("HW907", what, "state the day of the first start under pilot.dates.starts")
    if first <= today:
        what = f"the first unit starts on {first}, and today is {today}"
        return Refused("HW907", what, "draw before anybody starts, or declare design: staggered")
    return None


def _first_day(pilot: Pilot | None, starts: Sequence[str]) -> date | None:
    """The day of the first start: as declared, or as its own text tells."""
    days = [pilot.dates.starts] if pilot and pilot.dates else []
    for text in starts:
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            continue
    return min(days, default=None)


def _listed(file: Path) -> dict[str, str]:
    """Units and strata of a CSV file.

    Raises:
        SourceFault: HW302 it cannot be read, HW303 it has no column `unit_id`.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceFault(
            "HW302", file.name, f"'{file.name}' cannot be read", "save it as CSV in UTF-8"
        ) from error
    if not rows or "unit_id" not in rows[0]:
        what = f"'{file.name}' has no row with a column 'unit_id'"
        raise SourceFault(
            "HW303", file.name, what, "give a header: unit_id, and stratum where there are blocks"
        )
    return {
        r["unit_id"].strip(): (r.get("stratum") or "").strip() for r in rows if (r["unit_id"] or "").strip()
    }


def _of_panel(portfolio: Portfolio, initiative: Initiative, at: datetime) -> dict[str, str]:
    """Units and strata of the pilot's panel, as it is before anybody starts.

    Raises:
        SourceFault: it cannot be read.
    """
    name = (initiative.pilot.source if initiative.pilot else None) or ""
    if name not in portfolio.sources:
        mend = "declare the panel, or give a list with --units FILE"
        raise SourceFault("HW301", name, f"no source '{name}' lists the units", mend)
    folder = portfolio.beside("source", name, "")
    context = Context(folder, instant(at), dict(os.environ), store_folder(portfolio))
    with closing(context):
        bound = bind(portfolio.sources[name], context)
        keys = ("unit_id", "stratum") if "stratum" in bound.columns else ("unit_id",)
        request = Request(name, keys, (count(),))
        answers = ask([request], {name: bound})
        if name in answers.faults:
            raise answers.faults[name]
        groups = answers.sums[request].groups
    return {str(g[0]): str(g[1]) if len(g) > 1 and g[1] is not None else "" for g in groups}
