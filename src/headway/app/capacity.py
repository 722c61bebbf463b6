"""Use case ``capacity``: what every workload holds, what a replay says it needs, and what may be advised."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from headway.aggregates.ask import Answers, Progress, ask
from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory, memory_file
from headway.aggregates.request import Request
from headway.app.check import Checked
from headway.app.wiring import store_folder
from headway.kernel.diagnostic import Diagnostic, Severity, in_order
from headway.kernel.errors import SourceFault
from headway.kernel.identity import instant
from headway.measures.base import Ask
from headway.measures.spend.capacity import autoscaled
from headway.measures.spend.fleet import Fleet, fleets_of
from headway.measures.spend.loads import Metered, load_request, metered
from headway.measures.spend.price import price_requests
from headway.measures.spend.uncovered import uncovered
from headway.portfolio.capacity import Capacity
from headway.portfolio.component import Component
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.sources.base import Context, bind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        initiatives: names; all that are live and use a metered component where neither is named.
        components: names; a component is looked at whole, whoever holds it.
        observe: replay though history is too short, and advise nothing.
        policy: the policy that sizes, in place of each component's own.
    """

    initiatives: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    observe: bool = False
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """One metered component and what was found of it.

    Attributes:
        of: the component and its meter.
        ask: the setting it was read in.
        initiatives: whom it was read for; none where nobody uses it.
        fleets: its workloads by resource; none where its use has no hours or no row.
    """

    of: Metered
    ask: Ask
    initiatives: tuple[str, ...]
    fleets: tuple[Fleet, ...]


@dataclass(frozen=True, slots=True)
class Sizing:
    """The answer of `headway capacity`."""

    portfolio: Portfolio
    checked: Checked
    wanted: Wanted
    pools: tuple[Pool, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def seen(self) -> bool:
        """Whether anything was seen of any component."""
        return any(pool.fleets for pool in self.pools)

    @property
    def wrong(self) -> bool:
        """Whether a file is wrong, or a source could not be read."""
        return self.checked.wrong or any(d.level is Severity.ERROR for d in self.diagnostics)


def capacity(checked: Checked, wanted: Wanted, progress: Progress | None = None) -> Sizing:
    """Read the meters of a portfolio once, replay every workload, and advise where history suffices.

    Args:
        checked: a portfolio that could be loaded.
        wanted: of whom, and how.
        progress: told of each source as it is read.

    Raises:
        KeyError: no initiative or component of a name that is wanted.
        HeadwayError: the store is not to be had.
    """
    portfolio = checked.portfolio
    if portfolio is None:
        message = "a portfolio that cannot be loaded has no capacity"
        raise ValueError(message)
    portfolio = _under(portfolio, wanted)
    readers = list(_readers(portfolio, wanted))
    folder = store_folder(portfolio)
    memory = Memory(memory_file(folder))
    context = Context(portfolio.root, instant(checked.as_of), dict(os.environ), folder, memory)
    with closing(context):
        bound, faults = _bound(portfolio, readers, context)
        asks = [Ask(portfolio, one, checked.as_of, bound) for one in readers]
        answers = ask(_requests(asks), bound, progress, memory)
    faults |= answers.faults
    found = [_fault(portfolio, name, fault) for name, fault in faults.items()]
    if not found and not any(metered(one) for one in asks):
        found.append(_unmetered(portfolio, wanted))
    pools = tuple(_pools(asks, answers))
    return Sizing(portfolio, checked, wanted, pools, in_order([*found, *_notes(portfolio, pools)]))


def _under(portfolio: Portfolio, wanted: Wanted) -> Portfolio:
    """The portfolio with the settings of the command in place of its components' own."""
    changes = {"policy": wanted.policy} if wanted.policy else {}
    if wanted.observe:
        changes["replay"] = "observe"
    if not changes:
        return portfolio
    changed = {n: _changed(c, changes) for n, c in portfolio.components.items()}
    return replace(portfolio, components=changed)


def _changed(component: Component, changes: Mapping[str, str]) -> Component:
    settings = (component.capacity or Capacity()).model_copy(update=changes)
    return component.model_copy(update={"capacity": settings})


def _readers(portfolio: Portfolio, wanted: Wanted) -> Iterable[Initiative]:
    """The initiatives whose components are read; a component that is named stands for itself."""
    if wanted.components:
        for name in wanted.components:
            yield _nobody(portfolio.components[name].component)
        return
    if wanted.initiatives:
        yield from (portfolio.initiatives[n] for n in wanted.initiatives)
        return
    live = [i for i in portfolio.initiatives.values() if i.live]
    yield from live
    used = {name for i in live for name in i.uses}
    for name, component in portfolio.components.items():
        if component.usage and name not in used:
            yield _nobody(name)


def _nobody(component: str) -> Initiative:
    """Somebody who uses one component and holds nothing of it, so that all of it is looked at."""
    return Initiative.model_construct(initiative="", uses=(component,), stage="proposed")


def _bound(
    portfolio: Portfolio, readers: Iterable[Initiative], context: Context
) -> tuple[dict[str, Bound], dict[str, SourceFault]]:
    """The meters of these components and every bill."""
    used = {portfolio.components[c].usage for i in readers for c in i.uses if c in portfolio.components}
    bound: dict[str, Bound] = {}
    faults: dict[str, SourceFault] = {}
    for name, declared in portfolio.sources.items():
        if name in used or declared.fact == "cost":
            context.folder = portfolio.beside("source", name, "")
            try:
                bound[name] = bind(declared, context)
            except SourceFault as fault:
                faults[name] = fault
            except Exception as error:  # noqa: BLE001  every driver raises its own kind
                faults[name] = SourceFault("HW306", name, str(error), "see what the engine said")
    return bound, faults


def _requests(asks: Iterable[Ask]) -> list[Request]:
    made = []
    for one in asks:
        own = [load_request(one, of) for of in metered(one) if of.dated]
        serves = f"capacity of {one.initiative.initiative or one.initiative.uses[0]}"
        made += [replace(r, serves=serves) for r in (*own, *(price_requests(one) if own else ()))]
    return made


def _pools(asks: Iterable[Ask], answers: Answers) -> Iterable[Pool]:
    """Each component once, though several initiatives use it, unless each holds a part of its own."""
    found: dict[tuple[str, Request], Pool] = {}
    for one in asks:
        for of in metered(one):
            key = (of.component.component, load_request(one, of))
            name = _users(one)
            if key in found:
                found[key] = replace(found[key], initiatives=(*found[key].initiatives, *name))
            else:
                found[key] = Pool(of, one, name, tuple(fleets_of(one, of, answers.sums, promised=True)))
    return found.values()


def _users(one: Ask) -> tuple[str, ...]:
    """For whom a component is read: the initiative that asks, or all that use it."""
    if one.initiative.initiative:
        return (one.initiative.initiative,)
    (component,) = one.initiative.uses
    return tuple(n for n, i in one.portfolio.initiatives.items() if i.live and component in i.uses)


def _fault(portfolio: Portfolio, name: str, fault: SourceFault) -> Diagnostic:
    what = f"source '{name}': {fault.happened}"
    return Diagnostic(fault.code, what, portfolio.place("source", name), fault.mend, subject=name)


def _notes(portfolio: Portfolio, pools: Iterable[Pool]) -> Iterable[Diagnostic]:
    """What a reader is told of meters without rows, and of resources that an autoscaler drives."""
    for pool in pools:
        component, source = pool.of.component.component, pool.of.bound.source
        if pool.of.dated and not pool.fleets:
            yield Diagnostic(
                "HW484",
                f"the source '{source}' has no row of '{component}' in its history",
                portfolio.place("source", source),
                "see which days it holds (`headway doctor`), or look further back: capacity: {history: …}",
                subject=source,
            )
        yield from autoscaled(portfolio, component, {f.resource for f in pool.fleets})
        for fleet in pool.fleets:
            yield from uncovered(portfolio, component, fleet.resource, [s.advice for s in fleet.sized])


def _unmetered(portfolio: Portfolio, wanted: Wanted) -> Diagnostic:
    """HW483, at the component or initiative that was named."""
    place, of = portfolio.place("portfolio", ""), "no component of this portfolio"
    if wanted.components:
        name = wanted.components[0]
        place, of = portfolio.place("component", name), f"the component '{name}' is not metered: it"
    elif wanted.initiatives:
        name = wanted.initiatives[0]
        place, of = portfolio.place("initiative", name, "uses"), f"no component that '{name}' uses"
    return Diagnostic(
        "HW483",
        f"{of} says by which source its use is metered",
        place,
        "add `usage: SOURCE` to a component, and bind a source of fact usage (`headway doctor` writes it)",
    )
