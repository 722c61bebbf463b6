"""No secret comes out of any command, whatever a driver says of it and wherever it was named."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.small import INITIATIVE as TRIAL
from tests.unit.small import OUTCOME, PEOPLE, PORTFOLIO, RANDOMISED
from tests.unit.sources.double import Asked, Said, answering, error

from headway.cli.main import cli
from headway.sources.secrets import FOLDERS

SECRET = "hunter2-p%40ss"
SPOKEN = "hunter2-p@ss"
SOURCE = "source: units\nkind: sql\nengine: {}\ntable: analytics.units\nfact: unit\n"
COMMANDS = (
    ("check", "{here}"),
    ("check", "{here}", "--format", "json"),
    ("review", "{here}"),
    ("review", "{here}", "--format", "json"),
    ("review", "{here}", "--format", "html"),
    ("review", "{here}", "--format", "sarif"),
    ("review", "{here}", "--explain-queries"),
    ("gate", "trial", "-p", "{here}"),
    ("doctor", "{here}"),
    ("doctor", "{here}", "--format", "json"),
    ("explain", "units", "-p", "{here}"),
    ("explain", "trial", "-p", "{here}", "--format", "json"),
    ("explain", "trial/effect", "-p", "{here}"),
)
# Each kind of wrong address lets another part of the machine speak.
ADDRESSES = (
    f"postgresql://ann:{SECRET}@127.0.0.1:1/claims",
    f"postgresql://ann:{SPOKEN}@127.0.0.1:1/claims",
    f"postgresql://ann:{SECRET}@127.0.0.1:notaport/claims",
    f"nosuch://ann:{SECRET}@db/claims",
    SECRET,
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:1] + words[2:]))
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("way", ["variable", "file", "password alone", "in clear"])
def test_no_secret_comes_out(
    way: str, address: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on standard output nor on standard error, in no form of it."""
    secrets, here = tmp_path / "secrets", tmp_path / "house"
    secrets.mkdir()
    here.mkdir()
    named = {
        "variable": "${CLAIMS_URL}",
        "in clear": address,
        "file": f"${{file:{secrets / 'url'}}}",
        "password alone": f"postgresql://ann:${{file:{secrets / 'password'}}}@127.0.0.1:1/claims",
    }[way]
    (secrets / "url").write_text(address)
    (secrets / "password").write_text(SECRET)
    monkeypatch.setenv("CLAIMS_URL", address)
    monkeypatch.setenv(FOLDERS, str(secrets))
    pilot = "pilot:\n" + "\n".join(f"  {line}" for line in RANDOMISED.strip().splitlines()) + "\n"
    for name, text in (
        ("portfolio", PORTFOLIO),
        ("people", PEOPLE),
        ("outcome", OUTCOME),
        ("initiative", TRIAL + pilot),
        ("source", SOURCE.format(named)),
    ):
        (here / f"{name}.yaml").write_text(text)
    done = CliRunner().invoke(cli, [w.format(here=here) for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "hunter2" not in done.output
    assert "p@ss" not in done.output


METERED = (
    "source: fleet\nkind: prometheus\nprofile: dcgm\nurl: {}\ntoken: {}\n---\ncomponent: pool\nusage: fleet\n"
)


def _echo(asked: Asked) -> Said:
    """Repeats every header, as a proxy's page of faults may."""
    return error(400, f"no: {asked.headers}")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:1] + words[2:]))
@pytest.mark.parametrize("way", ["variable", "file", "user and password", "nobody listens"])
def test_no_token_comes_out(
    way: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the server says it back."""
    secrets, here = tmp_path / "secrets", tmp_path / "house"
    secrets.mkdir()
    here.mkdir()
    (secrets / "token").write_text(SECRET)
    monkeypatch.setenv("FLEET_TOKEN", SECRET)
    monkeypatch.setenv(FOLDERS, str(secrets))
    with answering(_echo) as server:
        host = "127.0.0.1:1" if way == "nobody listens" else server.url.removeprefix("http://")
        user = "" if way in ("variable", "file") else f"ann:{SECRET}@"
        monkeypatch.setenv("FLEET_URL", f"http://{user}{host}")
        token = {"variable": "${FLEET_TOKEN}", "file": f"${{file:{secrets / 'token'}}}"}.get(way, "")
        for name, text in (
            ("portfolio", PORTFOLIO),
            ("people", PEOPLE),
            ("outcome", OUTCOME),
            ("initiative", TRIAL.replace("piloting", "framed") + "uses: [pool]\n"),
            ("source", METERED.format("${FLEET_URL}", token)),
        ):
            (here / f"{name}.yaml").write_text(text)
        done = CliRunner().invoke(cli, [w.format(here=here).replace("units", "fleet") for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    said = done.output + "".join(f.read_text(errors="replace") for f in here.rglob("*.json"))
    assert not [word for word in ("hunter2", "p@ss", *_in_base64()) if word in said]


def _in_base64() -> list[str]:
    """As the header of a user and password has it."""
    return [b64encode(f"ann:{one}".encode()).decode().rstrip("=") for one in (SECRET, SPOKEN)]
