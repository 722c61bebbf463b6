"""What tests share: the public data, a private PostgreSQL, a browser, and how examples are generated."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
ATTEMPTS = 3

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
# The same examples on every machine; `pytest --hypothesis-profile explore` looks further.
settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is remembered in the tests is remembered apart from what their user's commands remember."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets, beside the checkout or where HEADWAY_SHARED_DATA points."""
    named = os.environ.get("HEADWAY_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        absent(f"the public data sets are not at {folder}; set HEADWAY_SHARED_DATA to where they are")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    return absent("no Chromium: install Debian's package `chromium`")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of this session's own, as `postgresql://user:password@host:port/database`."""
    binaries = _postgres_binaries()
    with tempfile.TemporaryDirectory(prefix="headway-pg-") as name:
        server = _Server(binaries, Path(name), _service_user())
        server.create()
        try:
            yield server.start()
        finally:
            server.stop()


@dataclass(frozen=True)
class _Server:
    """A database cluster in a folder: fast to start, and nothing to be trusted with data that matters."""

    binaries: Path
    folder: Path
    user: str | None
    password: str = secrets.token_hex(16)

    def create(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.user:
            for path in (self.folder, secret):
                shutil.chown(path, self.user)
        self._run(
            "initdb", "--username=headway", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self) -> str:
        for attempt in range(1, ATTEMPTS + 1):
            port = _free_port()
            options = {
                "listen_addresses": "127.0.0.1",
                "port": port,
                "unix_socket_directories": self.folder,
                "fsync": "off",
                "full_page_writes": "off",
                "synchronous_commit": "off",
            }
            words = " ".join(f"-c {key}={value}" for key, value in options.items())
            try:
                self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={words}")
            except RuntimeError:
                # Another process may have taken the port since it was seen free.
                if attempt == ATTEMPTS:
                    raise
            else:
                return f"postgresql://headway:{self.password}@127.0.0.1:{port}/postgres"
        raise AssertionError

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *words: str) -> None:
        become = ["runuser", "-u", self.user, "--"] if self.user else []
        command = [*become, str(self.binaries / program), f"--pgdata={self.folder / 'data'}", *words]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            said = done.stdout + done.stderr + (log.read_text() if log.exists() else "")
            message = f"{program} failed with status {done.returncode}:\n{said}"
            raise RuntimeError(message)


def _postgres_binaries() -> Path:
    candidates = [Path(folder) for folder in os.get_exec_path()]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl")):
            return folder
    return absent("no PostgreSQL (initdb, pg_ctl): install Debian's package `postgresql`")


def _service_user() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def absent(reason: str) -> NoReturn:
    """Skip, but not where everything is meant to be there: a test that never runs proves nothing."""
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        pytest.fail(reason)
    pytest.skip(reason)
