"""Whatever is billed, however it is shared: what goes in comes out, to the last digit, and to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.money import ZERO, add, settle
from headway.measures.spend.allocation import Allocation, Rules, allocate
from headway.measures.spend.bill import Line
from headway.measures.spend.claims import Bearer
from headway.portfolio.sharing import Driver, Sharing

NAMES = ("a", "b", "c")
PERIODS = (None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
BEARERS = [
    *(Bearer("initiative", n) for n in NAMES),
    *(Bearer("component", n) for n in ("owned", "driven", "alone")),
]
amounts = st.one_of(
    st.decimals(-(10**20), 10**20, places=18, allow_nan=False),
    st.sampled_from([ZERO, Decimal("1e-18"), Decimal("-1e-18"), Decimal("1e20"), Decimal("-1e20")]),
)
resources = st.sampled_from(["r1", "r2", None])
lines = st.builds(
    Line,
    currency=st.sampled_from(["EUR", "USD"]),
    cost=amounts,
    billed=amounts,
    rows=st.just(1),
    bearers=st.lists(st.sampled_from(BEARERS), max_size=2, unique=True).map(lambda b: tuple(sorted(b))),
    category=st.sampled_from(["", "", "Credit", "Tax"]),
    unused=st.booleans(),
    period=st.sampled_from(PERIODS),
    place=st.fixed_dictionaries(
        {"ResourceId": resources, "SkuId": st.sampled_from(["s", None]), "ServiceName": resources}
    ),
)


@st.composite
def rules(draw: st.DrawFn, billed: list[Line]) -> Rules:
    """Shares that are together one, drivers that leave something to the platform, periods without either."""
    cuts = sorted(draw(st.tuples(*[st.decimals(0, 1, places=6)] * 2)))
    shares = dict(zip(NAMES, (cuts[0], cuts[1] - cuts[0], 1 - cuts[1]), strict=True))
    driven = {}
    for period in draw(st.lists(st.sampled_from(PERIODS), unique=True)):
        parts = draw(st.lists(st.fractions(0, 1), min_size=len(NAMES), max_size=len(NAMES)))
        whole = max(sum(parts), Fraction(1))
        driven[period] = {n: p / whole for n, p in zip(NAMES, parts, strict=True)}
    return Rules(
        [x for x in billed if not x.category],
        {
            "owned": Sharing("owned", NAMES, shares),
            "driven": Sharing("driven", NAMES, driver=Driver("gpu", "used")),
        },
        {"driven": driven},
    )


bills = st.lists(lines, max_size=25).flatmap(lambda made: st.tuples(st.just(made), rules(made)))


def counted(billed: list[Line]) -> dict[str, Decimal]:
    """The bill by currency, added up without regard to anything else."""
    made: dict[str, Decimal] = {}
    for line in billed:
        made[line.currency] = add(made.get(line.currency, ZERO), line.cost)
    return made


@given(bills)
def test_money_in_is_money_out(made: tuple[list[Line], Rules]) -> None:
    """Parts, platform and unclaimed are the bill that was counted apart, in every currency."""
    billed, by = made
    divided = allocate(billed, by, lambda line: line.cost, counted(billed))
    assert divided.bill == counted(billed)
    assert all(residual == ZERO for residual in divided.residual().values())


@given(bills, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(made: tuple[list[Line], Rules], random: object) -> None:
    """A bill that is read in another order is divided the same way."""
    billed, by = made
    other = list(billed)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert allocate(other, by, lambda line: line.cost) == allocate(billed, by, lambda line: line.cost)


@given(bills)
def test_lines_that_are_alike_may_be_one(made: tuple[list[Line], Rules]) -> None:
    """Two groups that differ in nothing but their rows are divided as their sum is."""
    billed, by = made
    merged: dict[tuple[object, ...], Line] = {}
    for x in billed:
        place = tuple(sorted((x.place or {}).items(), key=repr))
        key = (x.currency, x.bearers, x.category, x.unused, x.period, place)
        old = merged.get(key)
        cost = add(x.cost, old.cost) if old else x.cost
        merged[key] = Line(
            x.currency, cost, x.billed, 1, x.bearers, x.basis, x.category, x.unused, x.period, x.place
        )
    as_one = Rules([x for x in merged.values() if not x.category], by.sharings, by.drivers)
    one, many = (
        allocate(b, r, lambda line: line.cost) for b, r in ((list(merged.values()), as_one), (billed, by))
    )
    assert one.parts == many.parts
    assert one.platform == many.platform
    assert one.unclaimed == many.unclaimed


@given(bills)
def test_the_rounded_column_adds_up_to_the_rounded_bill(made: tuple[list[Line], Rules]) -> None:
    """To the cent, by largest remainder: no line is off by a cent or more."""
    divided = allocate(made[0], made[1], lambda line: line.cost)
    for currency, whole in divided.bill.items():
        exact = column(divided, currency)
        rounded = settle({n: Fraction(a) for n, a in exact.items()}, 2)
        assert sum(map(Fraction, rounded.values())) == round(Fraction(whole) * 100) / Fraction(100)
        assert all(abs(Fraction(rounded[n]) - Fraction(a)) < Fraction(1, 100) for n, a in exact.items())


def column(divided: Allocation, currency: str) -> Mapping[tuple[str, str], Decimal]:
    """What a person reads of a bill, line by line."""
    borne = {("initiative", n): b.total for n, b in divided.parts[currency].items()}
    platform = {("platform", n): a for n, a in divided.platform[currency].items()}
    return {**borne, **platform, ("unclaimed", ""): divided.unclaimed[currency]}


@given(st.lists(lines.filter(lambda x: not x.bearers), max_size=10))
def test_a_bill_that_nobody_claims_is_all_unclaimed(billed: list[Line]) -> None:
    """No initiative, no component, credits without partners: nothing is given to anybody."""
    divided = allocate(billed, Rules(billed), lambda line: line.cost)
    assert all(not parts for parts in divided.parts.values())
    assert divided.unclaimed == counted(billed)
