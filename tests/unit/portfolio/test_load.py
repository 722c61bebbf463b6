"""A folder is read whole: the sound documents are there, and every fault is told in one run."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.portfolio.conftest import INITIATIVE, OUTCOME, PEOPLE, SETTINGS, Declare

from headway.kernel.diagnostic import Place
from headway.portfolio.check import check
from headway.portfolio.load import load
from headway.portfolio.people import People

LINE = "outcome: claims-handling-cost\nline: cost\n"


def test_the_small_portfolio_is_read(declare: Declare) -> None:
    """Every document is under its kind and name, typed, and without a fault."""
    loaded = declare()
    portfolio = loaded.portfolio
    assert portfolio
    assert loaded.diagnostics == ()
    assert loaded.files == (
        "people.yaml",
        "portfolio.yaml",
        "initiatives/reply-assistant.yaml",
        "outcomes/first-time.yaml",
    )
    assert list(portfolio.outcomes) == ["claims-handling-cost", "claims-settled-first-time"]
    assert portfolio.outcomes["claims-handling-cost"].cashable is True
    assert portfolio.outcomes["claims-settled-first-time"].drives[0].valid_until == date(2026, 12, 31)
    assert portfolio.initiatives["reply-assistant"].stage == "proposed"
    assert portfolio.settings.operating_model.extends == "starter@1"


def test_a_value_is_found_by_kind_name_and_path(declare: Declare) -> None:
    """A finding about a value can say where it stands, whoever makes it."""
    portfolio = declare().portfolio
    assert portfolio
    place = portfolio.place("outcome", "claims-settled-first-time", "drives", 0, "to")
    assert place == Place("outcomes/first-time.yaml", 6, 10)
    assert portfolio.key_place("initiative", "reply-assistant", "sponsor").column == 1
    assert portfolio.place("initiative", "nowhere") == Place("portfolio.yaml")
    assert portfolio.key_place("initiative", "nowhere") == Place("portfolio.yaml")


def test_a_path_in_a_document_is_relative_to_its_file(declare: Declare, tmp_path: Path) -> None:
    """A source in a folder of its own names files beside it."""
    portfolio = declare({"pilots/a.yaml": "source: replies\npath: data/a.csv\nfact: unit\n"}).portfolio
    assert portfolio
    assert portfolio.beside("source", "replies", "data/a.csv") == tmp_path / "pilots" / "data" / "a.csv"
    assert portfolio.beside("source", "nowhere", "a.csv") == tmp_path / "a.csv"


def test_layout_and_comments_do_not_change_the_digest(declare: Declare) -> None:
    """What a document says has one digest; another word has another."""
    digests = []
    for text in (
        LINE,
        "# words\noutcome:   'claims-handling-cost'\n\nline: cost # here\n",
        LINE.replace("cost\n", "x\n"),
    ):
        portfolio = declare({"outcomes/first-time.yaml": text}).portfolio
        assert portfolio
        digests.append(next(d.digest for (kind, _), d in portfolio.documents.items() if kind == "outcome"))
    assert digests[0] == digests[1] != digests[2]


def test_folders_that_hold_no_declarations_are_passed_over(declare: Declare) -> None:
    """`data`, `expected` and hidden folders are not read; `data` further down is an honest name."""
    wrong = "nonsense: 1\n"
    unread = dict.fromkeys(
        ("data/a.yaml", "expected/a.yaml", ".headway/a.yaml", "x/.git/a.yml", ".a.yaml", "a.txt"), wrong
    )
    assert declare(unread).diagnostics == ()
    found = declare({"gates/data/a.yaml": wrong, "b.yml": wrong}).diagnostics
    assert [(fault.code, fault.place.file) for fault in found] == [
        ("HW106", "b.yml"),
        ("HW106", "gates/data/a.yaml"),
    ]


def test_all_faults_are_told_in_one_run_and_the_rest_is_loaded(declare: Declare) -> None:
    """Four damaged documents give their faults at once; the sound ones beside them are there."""
    loaded = declare(
        {
            "outcomes/first-time.yaml": f"{OUTCOME}---\noutcome: b\nline: [x\n---\noutcome: C d\nline: x\n",
            "initiatives/reply-assistant.yaml": INITIATIVE + "sponsor: cem\nsponser: cem\n",
            "latin.yaml": b"outcome: a\ntitle: \xe4\n",
        }
    )
    assert [fault.code for fault in loaded.diagnostics] == [
        "HW102",
        "HW103",
        "HW112",
        "HW101",
        "HW113",
        "HW105",
    ]
    assert loaded.portfolio
    assert list(loaded.portfolio.outcomes) == ["claims-handling-cost", "claims-settled-first-time"]
    assert loaded.portfolio.initiatives == {}
    assert loaded.portfolio.declares("initiative", "reply-assistant")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "HW110"),
        ("", "HW110"),
        ("headway: 2\n" + SETTINGS.partition("\n")[2], "HW111"),
        (SETTINGS + "currency: USD\n", "HW102"),
        (SETTINGS.replace("EUR", "euro"), "HW105"),
        (SETTINGS.replace("EUR", "[EUR]"), "HW105"),
        (SETTINGS.replace("Europe/Berlin", "Atlantis"), "HW105"),
        (SETTINGS.replace("Europe/Berlin", "../zone"), "HW105"),
        (SETTINGS.replace("Europe/Berlin", "[a]"), "HW105"),
        (SETTINGS.replace("portfolio: harbour\n", ""), "HW104"),
        (SETTINGS + "as_of: soon\n", "HW105"),
        (SETTINGS + "store: postgresql://ann:s3cret@db/x\n", "HW105"),
        (b"\xff", "HW112"),
        (SETTINGS + "title: 'open\n", "HW101"),
    ],
)
def test_without_usable_settings_there_is_no_portfolio(
    declare: Declare, text: str | bytes | None, code: str
) -> None:
    """One fault says why, and a secret is not repeated in it."""
    loaded = declare({"portfolio.yaml": text})
    assert [fault.code for fault in loaded.diagnostics] == [code]
    assert loaded.portfolio is None
    assert "s3cret" not in str(loaded.diagnostics[0])


def test_a_second_portfolio_is_refused(declare: Declare) -> None:
    """Neither a second document nor another file may declare a portfolio."""
    loaded = declare({"portfolio.yaml": SETTINGS + "---\n" + SETTINGS, "old/portfolio.yaml": SETTINGS})
    assert [(f.code, f.place.file, f.place.line) for f in loaded.diagnostics] == [
        ("HW110", "old/portfolio.yaml", 1),
        ("HW110", "portfolio.yaml", 6),
    ]
    assert loaded.portfolio


def test_a_portfolio_outside_its_file_is_refused(declare: Declare) -> None:
    """The settings stand in portfolio.yaml and nowhere else."""
    loaded = declare({"portfolio.yaml": None, "a.yaml": SETTINGS})
    assert [fault.code for fault in loaded.diagnostics] == ["HW110", "HW110"]
    assert loaded.portfolio is None


def test_a_file_that_cannot_be_opened_is_a_fault(declare: Declare, tmp_path: Path) -> None:
    """A link to nowhere is told and does not stop the run."""
    declare()
    (tmp_path / "lost.yaml").symlink_to(tmp_path / "nowhere")
    loaded = load(tmp_path)
    assert [(f.code, f.place.file) for f in loaded.diagnostics] == [("HW112", "lost.yaml")]
    assert loaded.portfolio


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """A wrong path is said to be one."""
    loaded = load(tmp_path / "nowhere")
    assert {fault.code for fault in loaded.diagnostics} == {"HW110", "HW112"}


def test_damaged_people_do_not_make_everybody_unknown(declare: Declare) -> None:
    """One fault in people.yaml is one fault, not one per name used elsewhere."""
    from headway.portfolio.check import check

    loaded = declare({"people.yaml": PEOPLE.replace("{id: ben}", "{id: ben, age: 7}")})
    assert [fault.code for fault in check(loaded)] == ["HW103"]
    assert loaded.portfolio
    assert loaded.portfolio.people == People(people="harbour")


def test_people_are_declared_once(declare: Declare) -> None:
    """A second list of people is refused, and so is an id used twice."""
    loaded = declare({"more.yaml": "people: more\n"})
    assert [fault.code for fault in loaded.diagnostics] == ["HW107"]
    loaded = declare({"more.yaml": None, "people.yaml": PEOPLE.replace("id: head-of-people", "id: ann")})
    assert "HW107" in [fault.code for fault in loaded.diagnostics]


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("- a\n- b\n", "begin with, for instance, initiative: a-name"),
        ("just words\n", "begin with, for instance, initiative: a-name"),
        ("outcom: a\n", "write 'outcome'"),
        ("title: x\noutcome: a\n", "put 'outcome:' first; the first key says what a document is"),
    ],
)
def test_a_document_of_no_kind_says_how_to_begin(declare: Declare, text: str, mend: str) -> None:
    """The nearest kind is named, or the key that should come first."""
    (fault,) = declare({"x.yaml": text}).diagnostics
    assert (fault.code, fault.mend) == ("HW106", mend)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "sponser: ben",
            "6:1: error[HW103] 'sponser' is not a key of an initiative\n  mend: write 'sponsor'",
        ),
        (
            "zebra:",
            (
                "6:1: error[HW103] 'zebra' is not a key of an initiative\n"
                "  mend: take it away; `headway explain initiative` lists the keys"
            ),
        ),
        (
            "risk: {zebra: 1}",
            (
                "6:8: error[HW103] 'zebra' is not a key of 'risk'\n"
                "  mend: take it away; keys here are eu_ai_act, reason"
            ),
        ),
        (
            "stage: pilotting",
            (
                "6:8: error[HW105] 'stage' is 'pilotting'; expected one of proposed, framed, piloting, "
                "scaling, "
                "operating, retired\n  mend: write it as piloting"
            ),
        ),
        (
            "uses: gateway",
            "6:7: error[HW105] 'uses' is 'gateway'; expected a list\n  mend: write it as [a, b]",
        ),
        (
            "risk: high",
            (
                "6:7: error[HW105] 'risk' is 'high'; expected keys and values\n"
                "  mend: write keys and values; keys here are eu_ai_act, reason"
            ),
        ),
        (
            "links: [a, {b: c}]",
            "6:12: error[HW105] 'links' is a mapping; expected a text\n  mend: write it as a few words",
        ),
        (
            "forecast: {line: claims-handling-cost, per_year: [1 EUR, 2 USD, 3 EUR]}",
            (
                "6:50: error[HW105] 'per_year' is a list; expected three amounts from low to high, "
                "in quotes\n"
                '  mend: write it as "[31, 38, 45] EUR"'
            ),
        ),
        (
            "forecast: {per_year: '[1, 2, 3] EUR'}",
            (
                "6:11: error[HW104] 'line' is absent; 'forecast' needs it\n"
                "  mend: add line: claims-handling-cost (the P&L line)"
            ),
        ),
        (
            "forecast: {line: , per_year: '[1, 2, 3] EUR'}",
            (
                "6:12: error[HW104] 'line' is empty; 'forecast' needs it\n"
                "  mend: write line: claims-handling-cost (the P&L line)"
            ),
        ),
        (
            "cost: {select: [{tag: {a: b}, column: {c: d}}]}",
            (
                "6:17: error[HW105] a cost selector names either a tag or a column\n"
                "  mend: write {tag: {application: replies}}"
            ),
        ),
        (
            "allow: ['HW150: we know']",
            (
                "6:9: error[HW105] 'HW150' cannot be allowed: only a warning can\n"
                "  mend: mend what the code says, and take this entry away"
            ),
        ),
        (
            "cost_of_delay: " + "much " * 30,
            "6:16: error[HW105] 'cost_of_delay' is '"
            + ("much " * 30)[:60]
            + "...'; expected an amount per day, "
            "week, month, quarter or year\n  mend: write it as 9500 EUR per month",
        ),
    ],
)
def test_a_fault_is_told_in_plain_words(declare: Declare, line: str, said: str) -> None:
    """Each fault names the user's own word, its place and one mend."""
    (fault,) = declare({"initiatives/reply-assistant.yaml": INITIATIVE + line + "\n"}).diagnostics
    assert str(fault) == f"initiatives/reply-assistant.yaml:{said}"


def test_an_empty_value_is_an_absent_one(declare: Declare) -> None:
    """A key with nothing, `~` or null behind it takes its default, or is asked for when it is required."""
    text = INITIATIVE.replace("sponsor: ben", "sponsor:\ntitle: ~\nclass: null")
    portfolio = declare({"initiatives/reply-assistant.yaml": text}).portfolio
    assert portfolio
    one = portfolio.initiatives["reply-assistant"]
    assert (one.sponsor, one.title, one.class_) == (None, "", None)
    late = text.replace("head-of-claims", "''") + "stage: operating\n"
    (fault,) = declare({"initiatives/reply-assistant.yaml": late}).diagnostics
    assert (fault.code, fault.place.line, fault.place.column) == ("HW104", 4, 1)


@pytest.mark.parametrize("stage", ["piloting", "scaling", "operating"])
def test_from_the_pilot_on_an_initiative_is_whole(declare: Declare, stage: str) -> None:
    """Without problem, outcome and somebody accountable nothing reaches a pilot; all are told in one run."""
    found = declare({"initiatives/bare.yaml": f"initiative: bare\nstage: {stage}\nzebra: 1\n"}).diagnostics
    assert [(d.code, d.what.split("'")[1]) for d in found] == [
        ("HW104", "accountable"), ("HW104", "outcome"), ("HW104", "problem"), ("HW103", "zebra"),
    ]  # fmt: skip


@pytest.mark.parametrize("stage", ["proposed", "framed", "retired"])
def test_before_the_pilot_and_after_the_end_gaps_are_no_faults(declare: Declare, stage: str) -> None:
    """A list taken in may not know them; the later stage that it claims is kept beside."""
    text = f"initiative: bare\nstage: {stage}\nstage_claimed: operating\n"
    loaded = declare({"initiatives/bare.yaml": text})
    assert loaded.diagnostics == ()
    assert loaded.portfolio
    one = loaded.portfolio.initiatives["bare"]
    assert (one.problem, one.outcome, one.accountable, one.stage_claimed) == ("", "", "", "operating")
    assert check(loaded) == ()


def test_every_part_of_an_initiative_is_typed(declare: Declare) -> None:
    """Money is Decimal, shares are numbers, and both forms of an allowance are read."""
    text = INITIATIVE + (
        "class: assistant\n"
        "risk: {eu_ai_act: limited, reason: a person sends the answer}\n"
        "cost: {select: [{tag: {application: replies}}, {column: {SubAccountId: a}}],\n"
        "       people: [{role: engineer, share: 50 %, rate: 9500 EUR per month}]}\n"
        "forecast: {line: claims-handling-cost, per_year: '[1, 2, 3] EUR'}\n"
        "allow: ['HW151: the team is the customer', we know, {code: HW155, reason: so be it}]\n"
    )
    portfolio = declare({"initiatives/reply-assistant.yaml": text}).portfolio
    assert portfolio
    one = portfolio.initiatives["reply-assistant"]
    assert one.class_ == "assistant"
    assert one.cost.people[0].share == 0.5
    assert one.cost.people[0].rate.per_year == Decimal(114_000)
    assert one.forecast
    assert one.forecast.per_year.high == Decimal(3)
    assert [(a.code, a.reason) for a in one.allow] == [
        ("HW151", "the team is the customer"),
        (None, "we know"),
        ("HW155", "so be it"),
    ]


def test_operating_models_and_components_are_read(declare: Declare) -> None:
    """Changes to gates stay plain text for the gates to type; components come in the short form."""
    portfolio = declare(
        {
            "gates/a.yaml": "operating_model: harbour@2\nextends: standard@1\nset: {a.b.c: {max_age: 60d}}\n",
            "c.yaml": "component: gateway\nowner: platform\ndepends_on: [store]\n---\ncomponent: store\n",
        }
    ).portfolio
    assert portfolio
    assert portfolio.operating_models["harbour@2"].set == {"a.b.c": {"max_age": "60d"}}
    assert portfolio.components["gateway"].depends_on == ("store",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("source: a\nfact: unit\n", ["'path' is absent or empty; a source of kind 'file' needs it"]),
        ("source: a\npath: a.csv\n", ["'fact' is absent or empty; a source of kind 'file' needs it"]),
        ("source: a\nkind: sql\nfact: unit\n", ["'engine' is", "'table' is"]),
        ("source: a\nkind: focus\npath: bills/*.parquet\n", []),
        ("source: a\nkind: mlflow\n", []),
    ],
)
def test_a_source_has_what_its_kind_needs(declare: Declare, text: str, found: list[str]) -> None:
    """A file needs a path, a table needs an engine, and a bill is known to hold costs."""
    loaded = declare({"s.yaml": text})
    assert [fault.code for fault in loaded.diagnostics] == ["HW104"] * len(found)
    assert all(word in fault.what for word, fault in zip(found, loaded.diagnostics, strict=True))
    assert loaded.portfolio
    if "focus" in text:
        assert loaded.portfolio.sources["a"].fact == "cost"
