"""A doctor says what is well, what is not with its mend, and which source to bind next."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import declared, measured, parquet, shown
from tests.unit.small import FRAMED, RANDOMISED, Declare, two_arms

from headway.app.check import check
from headway.app.doctor import Examined, doctor
from headway.app.doctor_finding import Finding
from headway.app.doctor_next import Next, document
from headway.cli.main import cli
from headway.facts import FACTS
from headway.portfolio.yaml import read, to_plain

USAGE = "source: use\nkind: file\npath: use.csv\nfact: usage\n"
SQL = "source: claims\nkind: sql\nengine: {}\ntable: t\nfact: unit\n"


def of(found: Examined, name: str) -> Finding:
    """The only finding about a thing."""
    (one,) = [f for f in found.every() if f.name == name]
    return one


def states(found: Examined) -> dict[str, str]:
    """How each thing is."""
    return {f.name: f.state for f in found.every()}


def test_a_sound_portfolio_is_well_and_its_sources_are_counted(declare: Declare) -> None:
    """Rows, columns of the contract, and those of the source's own."""
    found = doctor(declare(RANDOMISED, two_arms()))
    assert found.well
    (source,) = found.sources
    assert (source.rows, source.columns, source.more) == (400, ("unit_id", "variant", "cluster"), ("x", "y"))
    assert states(found)["files"] == states(found)["ledger"] == "well"
    assert json.loads(json.dumps(found.as_json()))["well"] is True


def test_without_a_portfolio_the_machine_is_examined(tmp_path: Path) -> None:
    """And the command that makes one is named."""
    found = doctor(tmp_path)
    assert {"Python", "headway", "libyaml", "extra postgres"} <= set(states(found))
    assert of(found, "portfolio.yaml").mend == "run `headway init`"


def test_an_extra_that_is_not_installed_is_told_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a note: most portfolios do without."""
    monkeypatch.setattr("importlib.metadata.requires", lambda _: ["no-such-thing>=1; extra == 'postgres'"])
    one = of(doctor(tmp_path), "extra postgres")
    assert (one.state, one.mend) == ("note", "pip install 'headway[postgres]'")


def test_a_source_that_fails_costs_no_other(declare: Declare) -> None:
    """Each is told with its code, its place and its mend."""
    here = declare(RANDOMISED, two_arms(), gone="source: gone\nkind: file\npath: gone.csv\nfact: usage\n")
    found = doctor(here)
    assert not found.well
    assert {s.name: s.rows for s in found.sources} == {"gone": None, "units": 400}
    (fault,) = next(s.findings for s in found.sources if s.name == "gone")
    assert (fault.code, fault.place) == ("HW301", "gone.yaml:3:7")


def test_events_are_used_by_pilots_that_name_no_source(tmp_path: Path) -> None:
    """And where there is none, the mend says how one is read from them."""
    parquet(tmp_path, exposures=[shown(1, "treated", "2026-01-05T12:00")])
    parquet(tmp_path, metrics=[measured(1, "2026-01-05T12:00", 1)])
    here = declared(tmp_path)
    assert [f for s in doctor(here).sources for f in s.findings] == []
    (here / "initiative.yaml").write_text(FRAMED)
    found = [f for s in doctor(here).sources for f in s.findings]
    assert [f.what for f in found] == ["nothing reads it"] * 2
    assert found[0].mend.startswith("write window: {length: 14d}")


def test_rows_of_the_future_are_a_warning(declare: Declare) -> None:
    """It moves no exit status."""
    here = declare(use=USAGE)
    (here / "use.csv").write_text("workload,resource,ts,granted,used\na,gpu,2999-01-01,1,1\n")
    found = doctor(here)
    assert found.well
    (source,) = found.sources
    assert [f.code for f in source.findings] == ["HW312", ""]
    assert source.findings[1].what == "nothing reads it"


def test_a_source_without_rows_is_told(declare: Declare) -> None:
    """It can be read, and there is nothing in it."""
    here = declare(use=USAGE)
    (here / "use.csv").write_text("workload,resource,ts,granted,used\n")
    assert doctor(here).sources[0].findings[0].what == "it holds no row"


def test_a_variable_is_told_by_name_and_never_by_value(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set or not set."""
    here = declare(claims=SQL.format("${CLAIMS_URL}"))
    assert of(doctor(here), "CLAIMS_URL").state == "wrong"
    monkeypatch.setenv("CLAIMS_URL", "postgresql://ann:s3cret@127.0.0.1:1/claims")
    found = doctor(here)
    assert of(found, "CLAIMS_URL").what == "set; for source claims"
    assert "s3cret" not in json.dumps(found.as_json())


@pytest.mark.parametrize(
    "line",
    [
        "title: postgresql://ann:hunter2x@db/claims",
        "title: 'password: hunter2-long'",
        "title: api_key=hunter2-long-enough",
        "title: -----BEGIN RSA PRIVATE KEY-----",
        "title: AKIAIOSFODNN7EXAMPLE",
        "title: ghp_hunter2hunter2hunter2hunter2",
    ],
)
def test_a_secret_in_clear_is_told_by_its_place_alone(line: str, declare: Declare) -> None:
    """What stands there is not repeated."""
    found = doctor(declare(gateway=f"component: gateway\n{line}\n"))
    one = next(f for f in found.findings if f.code == "HW311")
    assert one.place.startswith("gateway.yaml:2:")
    assert found.well
    assert "hunter2" not in json.dumps(found.as_json())


@pytest.mark.parametrize(
    "line",
    [
        "title: tokens: 12 per request",
        "title: the password is forgotten by one caller in ten",
        "title: https://example.org:8080/secret-garden",
        "title: priced per token, no secret",
    ],
)
def test_words_about_secrets_are_none(line: str, declare: Declare) -> None:
    """A problem may be about passwords."""
    quoted = line.replace("title: ", 'title: "') + '"'
    found = doctor(declare(gateway=f"component: gateway\n{quoted}\n"))
    assert not [f for f in found.findings if f.code == "HW311"]


def test_git_is_asked_for_the_folder_and_its_store(declare: Declare) -> None:
    """In a repository, with the store left out of it."""
    here = declare(RANDOMISED, two_arms())
    assert states(doctor(here))["Git"] == "warning"
    subprocess.run(["git", "init", "-q", str(here)], check=True)
    found = doctor(here)
    assert states(found)["Git"] == "well"
    assert of(found, ".headway").mend == "echo '.headway/' >> .gitignore"
    (here / ".gitignore").write_text(".headway/\n")
    assert states(doctor(here))[".headway"] == "well"


def test_looking_leaves_no_ledger_behind(declare: Declare) -> None:
    """A doctor writes nothing that a person did not ask for."""
    here = declare(RANDOMISED, two_arms())
    doctor(here)
    assert not list(here.rglob("ledger*"))


def test_a_ledger_is_verified_and_its_head_must_be_committed(declare: Declare) -> None:
    """Decisions are replayed, and the head that others compare with lies in Git."""
    here = declare(RANDOMISED, two_arms())
    subprocess.run(["git", "init", "-q", str(here)], check=True)
    done = CliRunner().invoke(
        cli, ["decide", "trial", "hold", "-p", str(here), "--as", "ann", "--comment", "wait for the bill"]
    )
    assert done.exit_code == 0, done.output
    found = doctor(here)
    assert of(found, "ledger").what == "whole, 1 entry"
    assert of(found, "ledger.head").mend == "git add ledger.head && git commit"
    (here / "ledger.head").write_text('{"size": 9, "head": "00"}\n')
    assert not doctor(here).well


def test_a_store_that_is_not_to_be_had_is_told(declare: Declare) -> None:
    """The variable that names it is not set; the rest is still examined."""
    settings = "headway: 1\nportfolio: small\ncurrency: EUR\ntime_zone: UTC\nstore: ${ABSENT_STORE}\n"
    found = doctor(declare(RANDOMISED, two_arms(), portfolio=settings))
    assert of(found, "store").mend == "export ABSENT_STORE=…"
    assert found.sources[0].rows == 400


def test_a_portfolio_that_cannot_be_loaded_is_told(declare: Declare) -> None:
    """Its machine is examined all the same."""
    found = doctor(declare(portfolio="headway: 1\n"))
    assert states(found)["files"] == "wrong"
    assert not found.sources


# --- what to bind next


def written(here: Path, wanted: Next | None) -> None:
    """Write the lines where they are said to belong."""
    assert wanted
    for one in wanted.lines:
        path = here / one.file
        apart = "---\n" if path.exists() and one.yaml.startswith("source:") else ""
        path.write_text((path.read_text() if path.exists() else "") + apart + one.yaml + "\n")


def test_the_yaml_of_the_next_source_is_sound_as_it_stands(declare: Declare) -> None:
    """A portfolio without a pilot gets one: the files are sound once the lines are in them."""
    here = declare(initiative=FRAMED.replace("framed", "operating"))
    found = doctor(here)
    assert found.next
    assert found.next.fact in FACTS
    assert found.next.initiatives == ("trial",)
    written(here, found.next)
    checked = check(here)
    assert not checked.wrong, checked.text()


@pytest.mark.parametrize(
    "text",
    [
        "claim,arm,team,y\n" + "".join(f"{i},{'ab'[i % 2]},t{i % 5},{i % 7}\n" for i in range(40)),
        "date,amount,service\n2026-01-01,1.5,gpu\n",
        '"unit id",variant,"y: #1"\n1,a,2\n2,b,3\n',
    ],
)
def test_a_file_that_is_looked_at_binds_with_the_lines_it_is_given(text: str, declare: Declare) -> None:
    """What the doctor writes, the doctor finds well."""
    here = declare(initiative=FRAMED)
    (here / "rows.csv").write_text(text)
    found = doctor(here, here / "rows.csv")
    assert found.next
    assert not found.next.lacks
    written(here, found.next)
    again = doctor(here)
    (source,) = [s for s in again.sources if s.name == "rows"]
    assert source.rows == text.count("\n") - 1, source.findings


@pytest.mark.parametrize("fact", FACTS)
def test_a_document_is_read_as_it_was_meant(fact: str) -> None:
    """By the strict reader, with a path that needs quotes."""
    nodes, faults = read(document("rows", fact, "data/a b: c.csv").encode(), "sources.yaml")
    assert not faults
    plain = to_plain(nodes[0])
    assert plain == {"source": "rows", "kind": "file", "path": "data/a b: c.csv", "fact": fact}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_path_is_written_so_that_the_strict_reader_reads_it(path: str) -> None:
    """A document that is proposed says what was meant, whatever a file is called."""
    plain = "".join(c if c.isprintable() else " " for c in path)
    nodes, faults = read(document("rows", "unit", path).encode(), "sources.yaml")
    assert not faults
    made = to_plain(nodes[0])
    assert isinstance(made, dict)
    assert made["path"] == plain


def test_a_bill_that_is_there_is_not_bound_again(declare: Declare) -> None:
    """What is missing is the key of each initiative into it."""
    here = declare(
        RANDOMISED, two_arms(), bill="source: charges\nkind: file\npath: charges.csv\nfact: cost\n"
    )
    (here / "charges.csv").write_text("BilledCost,BillingCurrency,ChargePeriodStart\n1,EUR,2026-01-01\n")
    wanted = doctor(here).next
    assert wanted
    assert wanted.fact == "cost"
    assert [one.file for one in wanted.lines] == ["initiative.yaml"]


def test_usage_is_bound_to_the_component_that_it_meters(declare: Declare) -> None:
    """Not to the initiative that uses it."""
    here = declare(
        initiative=FRAMED + "uses: [pool]\n",
        pool="component: pool\n",
    )
    (here / "use.csv").write_text("pod,resource,timestamp,requested,used\nchat,gpu,2026-01-01,4,1\n")
    found = doctor(here, here / "use.csv")
    assert found.next
    assert [one.file for one in found.next.lines] == ["sources.yaml", "pool.yaml"]
    written(here, found.next)
    checked = check(here)
    assert not checked.wrong, checked.text()


def test_outside_a_portfolio_a_file_is_looked_at_all_the_same(tmp_path: Path) -> None:
    """The document of its source is written; nothing uses it yet."""
    (tmp_path / "rows.csv").write_text("unit_id,variant,y\n1,a,2\n2,b,3\n")
    wanted = doctor(tmp_path, tmp_path / "rows.csv").next
    assert wanted
    assert [one.file for one in wanted.lines] == ["sources.yaml"]


def test_past_effects_are_read_where_a_pilot_is(declare: Declare) -> None:
    """A source of past effects serves every pilot; where there is none it says what would read it."""
    rows = two_arms()
    past = "source: earlier\nkind: file\npath: past.csv\nfact: past_estimate\n"
    folder = declare(RANDOMISED, rows, earlier=past)
    (folder / "past.csv").write_text("subject,metric,claimed,se\nfirst,y,0.02,0.01\n")
    assert not [f for f in doctor(folder).every() if f.what == "nothing reads it"]
    folder = declare(earlier=past)
    (told,) = [f for f in doctor(folder).every() if f.what == "nothing reads it" and f.name == "earlier"]
    assert told.mend == "declare a pilot whose effect shall be held against them"
