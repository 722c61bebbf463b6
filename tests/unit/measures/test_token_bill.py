"""The token bill: what was metered times what it costs, to the last digit, beside what the invoice says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.small import FRAMED, OUTCOME, PORTFOLIO, Declare, codes, estimates, missing, reviewed

from headway.kernel.money import add
from headway.measures.spend.prices import tokens_in
from headway.measures.spend.tokens import CacheExceedsInputError, billable, break_even, priced
from headway.sources.profiles import profile_of

COMPONENT = """\
component: gateway
usage: meter
tokens: {model: gpt-4o, prices: [list]}
cost: {select: [{column: {SubAccountId: llm}}]}
"""
SOURCES = """\
source: meter
kind: file
path: meter.csv
fact: usage
---
source: list
kind: price_list
path: list.csv
"""
INVOICE = """\
source: bill
kind: file
path: bill.csv
fact: cost
"""
CONTRACT = """\
source: contract
kind: file
path: contract.csv
fact: rate
"""
PRICES = """\
model,mode,input_cost_per_token,output_cost_per_token,cache_read_input_token_cost,deprecation_date,source
gpt-4o,chat,2.5e-06,1e-05,1.25e-06,,https://example.org/prices
blank,chat,,1e-05,,,
gone,chat,2.5e-06,1e-05,1.25e-06,2026-03-02,
"""
USES = FRAMED + "uses: [gateway]\n"
DOLLARS = {"portfolio": PORTFOLIO.replace("EUR", "USD"), "outcome": OUTCOME.replace("EUR", "USD")}
# Input, of which some was read from the cache, and output.
ROWS = [("2026-03-01", 1000, 400, 200), ("2026-03-02", 3000, 0, 100)]
BILL = Decimal("0.004") + Decimal("0.0085")
KINDS = ("input", "cache_read", "output")


def meter(folder: Path, rows: list[Any] | None = None, prices: str = PRICES) -> None:
    """Write what was metered on some days, by holder where one is given, and the list of prices."""
    lines = ["workload,resource,ts,granted,used,holder"]
    for day, *rest in rows or ROWS:
        holder = rest.pop() if isinstance(rest[-1], str) else "trial"
        lines += [
            f"gpt,tokens.{kind},{day} 12:00:00,0,{n},{holder}" for kind, n in zip(KINDS, rest, strict=True)
        ]
    (folder / "meter.csv").write_text("\n".join(lines) + "\n")
    (folder / "list.csv").write_text(prices)


def invoice(folder: Path, charges: list[tuple[str, str]]) -> None:
    """Write what was charged on some days."""
    lines = ["BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId"]
    lines += [f"{cost},USD,{day} 00:00:00,llm" for day, cost in charges]
    (folder / "bill.csv").write_text("\n".join(lines) + "\n")


def scene(declare: Declare, **more: str) -> Path:
    """The gateway with its meter and its list of prices, in USD as the list is."""
    return declare(**{"component": COMPONENT, "sources": SOURCES, "initiative": USES, **DOLLARS, **more})


def test_the_bill_is_tokens_times_price_with_cached_input_priced_apart(declare: Declare) -> None:
    """Of 1,000 tokens sent in, 400 came from the cache: 600 cost the full price and 400 half of it."""
    folder = scene(declare)
    meter(folder)
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL
    assert (found["value"], found["unit"], found["grade"]) == (float(BILL), "USD", "C")
    assert found["by_kind"]["tokens.cache_read (USD)"] == "0.0005"
    assert found["tokens"] == "4300"
    assert found["prices"][0] == "tokens.input 0.0000025 USD (https://example.org/prices)"


def test_both_conventions_of_caches_make_one_bill(declare: Declare) -> None:
    """A provider that reports cache reads beside the input, and one that counts them in, cost the same."""
    folder = scene(declare, sources=SOURCES.replace("fact: usage", "fact: usage\ninput_includes_cache: no"))
    meter(folder, [("2026-03-01", 600, 400, 200), ("2026-03-02", 3000, 0, 100)])
    assert Decimal(estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]["exact"]) == BILL


def test_a_cache_larger_than_the_input_that_should_hold_it_is_no_bill(declare: Declare) -> None:
    """Which of the two conventions a source keeps is never guessed."""
    folder = scene(declare)
    meter(folder, [("2026-03-01", 300, 400, 200)])
    assert missing(reviewed(folder), "token_bill")["token_bill [gateway]"][0] == "unit"


def test_a_bill_in_another_currency_is_exchanged_at_the_rate_of_each_day(declare: Declare) -> None:
    """The first day at 0.5 EUR to the USD, the second at 1."""
    folder = scene(declare, portfolio=PORTFOLIO + "exchange_rates: fx.csv\n", outcome=OUTCOME)
    meter(folder)
    (folder / "fx.csv").write_text(
        "date,currency,rate\n2026-03-01,USD,0.5\n2026-03-02,USD,1\n2026-03-31,USD,1\n"
    )
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert (Decimal(found["exact"]), found["unit"]) == (Decimal("0.002") + Decimal("0.0085"), "EUR")


def test_without_a_rate_of_the_currency_there_is_no_bill(declare: Declare) -> None:
    """Dollars are never told as euros."""
    folder = scene(declare, portfolio=PORTFOLIO, outcome=OUTCOME)
    meter(folder)
    reason, why = missing(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert (reason, why) == ("unit", "no rate turns USD into EUR on 2026-03-01")


def test_an_invoice_that_agrees_is_said_and_changes_nothing(declare: Declare) -> None:
    """Within two per cent the metered bill stands, with the invoice beside it."""
    folder = scene(declare, bill=INVOICE)
    meter(folder)
    invoice(folder, [("2026-03-01", "0.00405"), ("2026-03-02", "0.0085"), ("2026-03-09", "7")])
    made = reviewed(folder)
    found = estimates(made, "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL
    assert (found["billed"], found["metered"], found["ratio"]) == ("0.01255", "0.0125", "1.004")
    assert "HW447" not in codes(made)


def test_where_the_invoice_differs_by_more_than_two_per_cent_the_bill_wins(declare: Declare) -> None:
    """The token cost that is told equals the invoice, and the gap is named (litellm #42663, #34801)."""
    folder = scene(declare, bill=INVOICE)
    meter(folder, [("2026-03-01", 1000, 400, 200), ("2026-03-02", 1000, 400, 200, "other")])
    invoice(folder, [("2026-03-01", "0.005"), ("2026-03-02", "0.005")])
    made = reviewed(folder)
    found = estimates(made, "token_bill")["token_bill [gateway]"]
    # Half of the tokens are the initiative's, so half of the invoice is.
    assert Decimal(found["exact"]) == Decimal("0.005")
    told = next(d for d in made.diagnostics if d.code == "HW447")
    assert "a ratio of 1.250; the bill wins" in told.what
    assert str(told.place).startswith("component.yaml:3")


def test_a_monthly_invoice_is_held_against_the_tokens_of_its_month(declare: Declare) -> None:
    """One charge on the first day of a month is that month's."""
    folder = scene(declare, bill=INVOICE)
    meter(folder, [(f"2026-03-{day:02d}", 1000, 400, 200) for day in range(1, 11)])
    invoice(folder, [("2026-03-01", "0.08")])
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert (found["billed"], found["metered"], found["exact"]) == ("0.08", "0.04", "0.08")


def test_a_contract_price_goes_before_the_list(declare: Declare) -> None:
    """Whatever was agreed is paid, in whichever order the sources are named."""
    named = COMPONENT.replace("prices: [list]", "prices: [list, contract]")
    folder = scene(declare, component=named, contract=CONTRACT)
    meter(folder)
    (folder / "contract.csv").write_text(
        "kind,key,unit,value,currency,valid_from\nprice,gpt-4o,tokens.output,5e-6,USD,2026-03-02\n"
    )
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL - 100 * Decimal("5e-6")


def test_the_bills_own_unit_price_goes_before_the_list_and_after_a_contract(declare: Declare) -> None:
    """A bill that tells how many thousand tokens it charged for has a price of its own."""
    priced_by = "metered: {tokens.output: out}, prices: [list]"
    folder = scene(declare, component=COMPONENT.replace("prices: [list]", priced_by), bill=INVOICE)
    meter(folder)
    (folder / "bill.csv").write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId,SkuId,ConsumedQuantity,ConsumedUnit\n"
        "0.006,USD,2026-02-01 00:00:00,other,out,0.3,1K Tokens\n"
    )
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL + 300 * Decimal("1e-5")


@pytest.mark.parametrize(
    ("model", "why"), [("blank", "a blank is not 0"), ("gone", "was held until 2026-03-02")]
)
def test_a_price_that_is_needed_and_blank_or_out_of_date_is_never_nought(
    declare: Declare, model: str, why: str
) -> None:
    """The bill is missing, and the finding says which price lacks for which day."""
    folder = scene(declare, component=COMPONENT.replace("gpt-4o", model))
    meter(folder)
    made = reviewed(folder)
    told = next(d for d in made.diagnostics if d.code == "HW351")
    assert why in told.what
    assert missing(made, "token_bill")["token_bill [gateway]"] == ("none", told.what)


def test_what_two_initiatives_share_is_whole_to_neither(declare: Declare) -> None:
    """Without holder and shares there is no bill; with shares there is each one's part."""
    other = FRAMED.replace("trial", "other") + "uses: [gateway]\n"
    folder = scene(declare, other=other)
    meter(folder)
    text = (folder / "meter.csv").read_text()
    (folder / "meter.csv").write_text("\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n")
    why = missing(reviewed(folder), "token_bill")["token_bill [gateway]"][1]
    assert why.startswith("2 initiatives use gateway")
    shares = COMPONENT.replace("cost: {", "cost: {shares: {trial: 75 %, other: 25 %}, ")
    (folder / "component.yaml").write_text(shares)
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL * Decimal("0.75")


def test_the_bill_per_thousand_requests_needs_a_meter_that_counts_them(declare: Declare) -> None:
    """Two requests made the whole bill."""
    folder = scene(declare)
    meter(folder)
    with (folder / "meter.csv").open("a") as file:
        file.write("gpt,requests,2026-03-01 12:00:00,0,2,trial\n")
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["per_1000_requests"]) == BILL * 500


def test_devices_of_ones_own_are_weighed_at_the_load_as_it_was(declare: Declare) -> None:
    """Over two days one device at 0.01 USD an hour costs 0.48 USD, the tokens 0.0125 USD."""
    own = COMPONENT.replace("[list]}", "[list], self_hosted: {device_hour: 0.01 USD}}")
    folder = scene(declare, component=own)
    meter(folder)
    found = estimates(reviewed(folder), "token_bill")["self_hosting_ratio [gateway]"]
    assert found["value"] == pytest.approx(0.48 / 0.0125)
    assert found["served_tokens_per_hour"] == round(4300 / 48)
    assert found["break_even_tokens_per_hour"] == round(0.01 / (0.0125 / 4300))
    assert found["grade"] == "D"


def test_a_component_without_a_meter_says_so(declare: Declare) -> None:
    """Prices alone make no bill."""
    folder = scene(declare, component=COMPONENT.replace("usage: meter\n", ""))
    meter(folder)
    reason, why = missing(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert (reason, why) == ("none", "no source meters the tokens of gateway (`usage:` of the component)")


def test_a_list_that_cannot_be_read_costs_its_bill_only(declare: Declare) -> None:
    """The reason is the source's own."""
    folder = scene(declare)
    meter(folder, prices="a,b\n1,2\n")
    made = reviewed(folder)
    assert missing(made, "token_bill")["token_bill [gateway]"][0] == "source_failed"
    assert codes(made).count("HW302") == 1


counts = st.integers(0, 10**12).map(Decimal)
amounts = st.decimals(0, 1, places=20, allow_nan=False)
KEYS = ("tokens.input", "tokens.output", "tokens.cache_read", "tokens.cache_write")
uses = st.fixed_dictionaries(dict.fromkeys(KEYS, counts))
lists = st.fixed_dictionaries(dict.fromkeys(KEYS, amounts))


@pytest.mark.parametrize(
    "family",
    [
        {
            ("gen_ai.client.token.usage", "input"): 1000,
            ("gen_ai.client.token.usage", "output"): 200,
            ("gen_ai.usage.cache_read.input_tokens", ""): 400,
        },
        {
            ("gen_ai.client.inference.usage.input_tokens", ""): 1000,
            ("gen_ai.client.inference.usage.output_tokens", ""): 200,
            ("gen_ai.client.inference.usage.cache_read.input_tokens", ""): 400,
        },
    ],
)
def test_both_families_of_opentelemetry_make_one_bill(family: dict[tuple[str, str], int]) -> None:
    """Whichever names a gateway reports its tokens by, they are the same tokens."""
    counts = {
        resource.resource: Decimal(n)
        for (name, kind), n in family.items()
        for resource in profile_of("otel_genai").resources
        if any(m.of == name and all(kind in w for w in m.where) for m in resource.names)
    }
    prices = {"tokens.input": "2.5e-6", "tokens.cache_read": "1.25e-6", "tokens.output": "1e-5"}
    costs = priced(billable(counts, input_includes_cache=True), {k: Decimal(p) for k, p in prices.items()})
    assert add(*costs.values()) == Decimal("0.004")


@given(uses, uses, lists)
def test_the_bill_of_two_days_is_the_sum_of_their_bills(
    one: dict[str, Decimal], two: dict[str, Decimal], prices: dict[str, Decimal]
) -> None:
    """Linear and exact, whatever the number of digits."""

    def cost(used: dict[str, Decimal]) -> Decimal:
        return add(*priced(billable(used, input_includes_cache=False), prices).values())

    assert cost({k: add(one[k], two[k]) for k in KEYS}) == add(cost(one), cost(two))


@given(uses)
def test_every_token_is_in_one_kind_and_one_only(used: dict[str, Decimal]) -> None:
    """Where the input counts the cache in, what is priced adds up to input and output."""
    whole = {**used, KEYS[0]: add(used[KEYS[0]], used[KEYS[2]], used[KEYS[3]])}
    made = billable(whole, input_includes_cache=True)
    assert add(*made.values()) == add(whole[KEYS[0]], whole[KEYS[1]])
    assert made == billable(used, input_includes_cache=False)


def test_reasoning_is_output_and_has_a_price_of_its_own_only_where_a_list_states_one() -> None:
    """It is never paid twice."""
    used = {"tokens.output": Decimal(10), "tokens.reasoning": Decimal(4)}
    assert billable(used, input_includes_cache=True) == {"tokens.output": Decimal(10)}
    apart = billable(used, input_includes_cache=True, reasoning_apart=True)
    assert apart == {"tokens.output": Decimal(6), "tokens.reasoning": Decimal(4)}
    with pytest.raises(CacheExceedsInputError):
        billable({"tokens.cache_read": Decimal(1)}, input_includes_cache=True)


@given(
    st.decimals(1, 100, places=2), st.decimals(1, 100, places=2), st.integers(1, 10**9), st.integers(1, 999)
)
def test_at_break_even_both_cost_the_same(hourly: Decimal, cost: Decimal, tokens: int, hours: int) -> None:
    """With so many tokens an hour at the same price each, the ratio is one."""
    found = break_even(hourly, cost, Decimal(tokens), Decimal(hours))
    price = cost / tokens
    assert float(found.tokens_per_hour * price / hourly) == pytest.approx(1)
    assert (found.ratio < 1) == (found.served_per_hour > found.tokens_per_hour) or found.ratio == 1


def test_a_unit_of_a_bill_that_is_no_token_is_no_price() -> None:
    """Hours and images are not divided by tokens."""
    assert [tokens_in(u) for u in ("1M tokens", "Images", "1K Token")] == [10**6, 0, 1000]


def test_a_part_that_an_initiative_declares_itself_divides_its_tokens_too(declare: Declare) -> None:
    """Under cost.shared of the initiative, as its cost is divided."""
    part = "cost: {shared: [{component: gateway, share: 40 %}]}\n"
    other = (FRAMED.replace("trial", "other") + "uses: [gateway]\n" + part).replace("40 %", "60 %")
    folder = scene(declare, initiative=USES + part, other=other)
    meter(folder)
    text = (folder / "meter.csv").read_text()
    (folder / "meter.csv").write_text("\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n")
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert Decimal(found["exact"]) == BILL * Decimal("0.4")
