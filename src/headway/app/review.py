"""Use case ``review``: the whole portfolio, from files and sources to verdicts and next moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from headway.aggregates.ask import Progress
from headway.aggregates.memory import Memory, memory_file
from headway.app.check import Checked
from headway.app.decided import Decisions, decisions_of
from headway.app.record import record_of
from headway.app.wiring import store_folder
from headway.decisions.freezing import frozen_in
from headway.decisions.replay import Basis
from headway.evidence.collect import Collected, Keeping, collect
from headway.evidence.slots import Promotion, promotion_of, slot_faults
from headway.gates.model import OperatingModel, next_gate
from headway.gates.subject import by_initiative, subject_of
from headway.gates.verdict import State, Verdict
from headway.kernel.clock import now
from headway.kernel.diagnostic import Diagnostic, in_order
from headway.kernel.identity import Json
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One initiative: what was judged, and the verdict; no verdict once it is retired or rejected."""

    initiative: Initiative
    basis: Basis | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Review:
    """The review as data; every face is drawn from `as_json`."""

    portfolio: Portfolio
    model: OperatingModel
    as_of: datetime
    initiatives: tuple[Reviewed, ...]
    collected: Collected
    diagnostics: tuple[Diagnostic, ...]
    decisions: Decisions = field(default_factory=Decisions)
    promotion: Promotion | None = None

    @property
    def enforced(self) -> State:
        """The worst state that a blocking requirement has anywhere."""
        from headway.gates.verdict import of_all

        return of_all(r.verdict.enforced for r in self.initiatives if r.verdict)

    @property
    def whole(self) -> bool:
        """Whether every initiative is in it."""
        return len(self.collected.asks) == len(self.portfolio.initiatives)

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.review/1``; `app/since.py` fills in `changes` where they are asked for."""
        return record_of(self)


def review(
    checked: Checked,
    only: Iterable[str] | None = None,
    progress: Progress | None = None,
    *,
    store: Path | None = None,
    recorded: Decisions | None = None,
    recompute: bool = False,
) -> Review:
    """Collect the evidence of a checked portfolio and judge every initiative at its next gate.

    Args:
        checked: a portfolio that could be loaded; faulty documents are not in it.
        only: names of initiatives; all by default.
        progress: told of each source as it is read.
        store: where digests and sums are kept, if not in the portfolio's own store.
        recorded: what the ledger says, if not the portfolio's own; its decisions count for nothing.
        recompute: read every source again, whatever is remembered of it.

    Raises:
        ValueError: nothing could be loaded.
        HeadwayError: the store is not to be had.
    """
    portfolio, model = checked.portfolio, checked.model
    if portfolio is None or model is None:
        message = "a portfolio that cannot be loaded cannot be reviewed"
        raise ValueError(message)
    folder = store_folder(portfolio) if store is None else store
    decisions = decisions_of(portfolio) if recorded is None else replace(recorded, entries=())
    keeping = Keeping(folder, Memory(memory_file(folder), blind=recompute), decisions.acts, decisions.past)
    collected = collect(portfolio, checked.as_of, now(), keeping, only, progress)
    frozen = frozen_in(decisions.acts)
    promotion = promotion_of(portfolio, frozen, decisions.acts, checked.as_of)
    if promotion:
        promotion = replace(promotion, flagged={n: collected.overlaps.of(n) for n in collected.asks})
    told = by_initiative(portfolio, checked.diagnostics)
    reviewed = tuple(
        _judge(checked, collected, promotion, name, told.get(name, ())) for name in collected.asks
    )
    spent = (
        [d for d in slot_faults(portfolio, promotion) if d.subject in (None, *collected.asks)]
        if promotion
        else []
    )
    found = in_order((*checked.diagnostics, *collected.diagnostics, *decisions.diagnostics, *spent))
    return Review(portfolio, model, checked.as_of, reviewed, collected, found, decisions, promotion)


def _judge(
    checked: Checked,
    collected: Collected,
    promotion: Promotion | None,
    name: str,
    told: Sequence[Diagnostic],
) -> Reviewed:
    portfolio, model = checked.portfolio, checked.model
    assert portfolio is not None  # noqa: S101  `review` has looked
    assert model is not None  # noqa: S101
    initiative = portfolio.initiatives[name]
    gate = next_gate(model, initiative.stage) if initiative.live else None
    if gate is None:
        return Reviewed(initiative, None, None)
    fact = promotion.fact(name) if promotion else None
    basis = Basis(
        gate=gate,
        subject=subject_of(portfolio, name, told, checked.as_of, fact, collected.asks[name].acts),
        evidence=collected.evidence[name],
        missing=collected.missing[name],
        as_of=checked.as_of,
    )
    return Reviewed(initiative, basis, basis.judge())
