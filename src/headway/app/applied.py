"""Use case ``applied``: record in the ledger that an advice was applied, so that its promise can be kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum

from headway.app.capacity import Wanted as Sizes
from headway.app.capacity import capacity
from headway.app.check import Checked
from headway.app.decide import git_person
from headway.app.wiring import head_file, open_store
from headway.decisions.applied import Application, Applying, apply
from headway.decisions.approvals import Refused
from headway.decisions.ledger import Ledger
from headway.kernel.clock import now
from headway.kernel.identity import Json, instant, plain
from headway.measures.spend.advice import Advice
from headway.measures.spend.realised import OURS, Applied
from headway.portfolio.load import Portfolio

SCHEMA = "headway.applied/1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was applied.

    Attributes:
        workloads: by name.
        resource: the one resource meant; all that something is advised on where none is named.
        component: the component meant, where two meter a workload of that name.
        grant: what was granted, where it is not what headway advises now.
        by: who advised it: headway, krr, vpa, or a person.
        randomised: whether the workloads were drawn by lot from those it could have been applied to.
        actor: a person's id; by default the person whose account is Git's user.email.
    """

    workloads: tuple[str, ...]
    resource: str | None = None
    component: str | None = None
    grant: float | None = None
    by: str = OURS
    randomised: bool = False
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """What came of it: an entry for each workload and resource, or why there is none."""

    applied: tuple[tuple[Applied, Application], ...] = ()
    refused: Refused | None = None

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.applied/1``."""
        no = self.refused
        return {
            "schema": SCHEMA,
            "recorded": [_row(one, made) for one, made in self.applied],
            "refused": {"code": no.code, "what": no.what, "mend": no.mend} if no else None,
        }


def record_applied(checked: Checked, wanted: Wanted, sizes: Sizes | None = None) -> Recording:
    """Size the portfolio anew, and record the advice on some workloads as applied, now.

    All of them are looked at before any is recorded.

    Args:
        checked: a portfolio that could be loaded.
        wanted: what was applied.
        sizes: how the portfolio is sized, as for `headway capacity`.

    Returns:
        With `Refused` of HW475 where there is no such advice, HW528 where nobody by that name may record it.

    Raises:
        KeyError: no component of that name.
        LedgerFault: nothing more was recorded; what was, stands, and running it again adds the rest.
        HeadwayError: the store is not to be had.
    """
    made = capacity(checked, sizes or Sizes(components=(wanted.component,) if wanted.component else ()))
    advices = [
        (pool.of.component.component, one.advice, one.why_not)
        for pool in made.pools
        for fleet in pool.fleets
        for one in fleet.sized
    ]
    return record_advices(made.portfolio, advices, wanted)


def record_advices(
    portfolio: Portfolio, advices: Iterable[tuple[str, Advice, str]], wanted: Wanted
) -> Recording:
    """Record some of the advices that were made as applied.

    Args:
        portfolio: whose ledger it is.
        advices: component, advice, and why nothing is advised, of all workloads.
        wanted: what was applied.
    """
    at = now()
    given = list(advices)
    chosen: list[tuple[str, Advice]] = []
    for name in wanted.workloads:
        found = _chosen(given, name, wanted)
        if isinstance(found, Refused):
            return Recording(refused=found)
        chosen += found
    who = wanted.actor or git_person(portfolio) or ""
    entries: list[tuple[Applied, Application]] = []
    with open_store(portfolio) as store:
        ledger = Ledger(store, head_file(portfolio))
        for component, advice in chosen:
            one = Applied.of_advice(component, advice, at, wanted.by, randomised=wanted.randomised)
            outcome = apply(ledger, Applying(who, one, document(advice)), portfolio.people)
            if isinstance(outcome, Refused):
                return Recording(tuple(entries), outcome)
            entries.append((one, outcome))
    return Recording(tuple(entries))


def document(advice: Advice) -> Json:
    """The whole advice as it is pinned."""
    return plain(asdict(advice, dict_factory=_fields))


def _fields(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    return {name: _field(value) for name, value in pairs}


def _field(value: object) -> object:
    """What has no place in JSON is no value there: a grade's letter stands, an infinite end does not."""
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _chosen(
    advices: Sequence[tuple[str, Advice, str]], name: str, wanted: Wanted
) -> list[tuple[str, Advice]] | Refused:
    found = [
        (component, advice, why)
        for component, advice, why in advices
        if advice.workload == name
        and wanted.resource in (None, advice.resource)
        and wanted.component in (None, component)
    ]
    if not found:
        mend = "see the names that `headway capacity --full` tells"
        return Refused("HW475", f"no workload '{name}' is metered", mend)
    if len({component for component, _, _ in found}) > 1:
        return Refused("HW475", f"several components have a workload '{name}'", "name one (--component)")
    if wanted.grant is not None:
        if len(found) > 1:
            return Refused("HW475", f"'{name}' holds several resources", "name one (--resource)")
        component, advice, _ = found[0]
        # A promise belongs to the grant that it was made for.
        return [(component, replace(advice, proposed=wanted.grant, promised=None, policy=wanted.by))]
    advised = [(component, advice) for component, advice, _ in found if advice.proposed is not None]
    if not advised:
        mend = "wait until history suffices, or say what was granted (--grant)"
        return Refused("HW475", f"nothing is advised on '{name}': {found[0][2]}", mend)
    return advised


def _row(one: Applied, made: Application) -> Json:
    entry = made.recorded.entry
    behind = made.recorded.behind
    return {
        "entry": entry.seq,
        "new": made.new,
        "at": instant(entry.at),
        "actor": entry.actor,
        "component": one.component,
        **one.as_body(),
        "due": instant(_due(one, entry.at)),
        "head_behind": str(behind) if behind else None,
    }


def _due(one: Applied, at: datetime) -> datetime:
    return replace(one, at=at).due
