"""The machine and the files: packages, Git, the ledger, variables, and secrets that stand in clear."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from headway.app.check import Checked
from headway.app.doctor_finding import Finding, of_diagnostic
from headway.app.wiring import store_folder
from headway.kernel.errors import HeadwayError, SourceFault
from headway.portfolio.load import Portfolio
from headway.sources.secrets import references, reveal

_LEAST_PYTHON = (3, 11)
_REQUIRED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?.*extra\s*==\s*['\"]([^'\"]+)['\"]")
_GIT_SECONDS = 20
# What looks like a secret; a reference such as ${NAME} is none. The words are those of common mistakes.
_SECRETS = (
    re.compile(r"://[^:/@\s\"']*:(?!\$\{)[^@\s\"']+@"),
    re.compile(
        r"(?i)(?<![\w-])(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|client[_-]?secret)[\"']?"
        r"\s*[:=]\s*[\"']?(?!\$\{)(?=\S*[0-9!#%+=/_-])[^\s\"',}{]{8,}"
    ),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"\b(?:ghp|gho|ghs|github_pat|glpat|xox[abp]|sk|pat)[-_][A-Za-z0-9_-]{16,}"),
)


def environment() -> Iterator[Finding]:
    """Python, headway, the fast YAML reader, and the extras that are not installed."""
    least = ".".join(map(str, _LEAST_PYTHON))
    fit = sys.version_info[:2] >= _LEAST_PYTHON
    said = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    yield Finding(
        "environment", "Python", "well" if fit else "wrong", said, "" if fit else f"use {least} or later"
    )
    yield Finding("environment", "headway", "well", metadata.version("headway"))
    yield _yaml()
    for extra, lacking in _extras().items():
        mend = f"pip install 'headway[{extra}]'" if lacking else ""
        said = (
            f"{', '.join(lacking)} not installed; only sources of that kind need it"
            if lacking
            else "installed"
        )
        yield Finding("environment", f"extra {extra}", "note" if lacking else "well", said, mend)


def _yaml() -> Finding:
    import yaml

    if yaml.__with_libyaml__:
        return Finding("environment", "libyaml", "well", "in use")
    mend = "pip install --force-reinstall PyYAML, from a wheel"
    return Finding(
        "environment", "libyaml", "warning", "not in use: files are read ten times as slowly", mend
    )


def _extras() -> dict[str, list[str]]:
    """Each extra to the packages of it that are not installed."""
    made: dict[str, list[str]] = {}
    for line in metadata.requires("headway") or ():
        named = _REQUIRED.match(line)
        if named:
            lacking = made.setdefault(named[2], [])
            try:
                metadata.version(named[1])
            except metadata.PackageNotFoundError:
                lacking.append(named[1])
    return made


def portfolio_findings(root: Path, checked: Checked) -> Iterator[Finding]:
    """Whether the files are sound, in Git, the ledger whole, and no secret stands in them."""
    errors = sum(d.level.value == "error" for d in checked.diagnostics)
    said = f"{_counted(checked.files, 'file')}, {_counted(errors, 'error')}"
    mend = "run `headway check`, which shows each with its place" if errors else ""
    yield Finding("portfolio", "files", "wrong" if errors else "well", said, mend)
    for path in checked.paths:
        yield from _clear_secrets(root, path)
    inside = _git(root, "rev-parse", "--is-inside-work-tree") is not None
    if inside:
        yield Finding("portfolio", "Git", "well", "the folder is in a repository")
    else:
        mend = "run `git init` and commit: files are the record of who changed what"
        yield Finding("portfolio", "Git", "warning", "the folder is in no repository", mend)
    if checked.portfolio is not None:
        yield from _ledger(checked.portfolio, inside=inside)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _git(root: Path, *words: str) -> str | None:
    """What Git answers; None where it is not there or says no."""
    try:
        done = subprocess.run(  # noqa: S603  fixed words; the folder is an argument of its own
            ["git", "-C", str(root), *words],  # noqa: S607  the git of the person who runs it
            capture_output=True, text=True, timeout=_GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _ledger(portfolio: Portfolio, *, inside: bool) -> Iterator[Finding]:
    from headway.app.verify import verify
    from headway.decisions.verify import FILE

    try:
        folder = store_folder(portfolio)
    except HeadwayError as fault:
        yield Finding("portfolio", "store", "wrong", str(fault), fault.mend)
        return
    if inside and folder.is_relative_to(portfolio.root):
        yield _ignored(portfolio, folder)
    # Opening a store would make one; who only looks leaves nothing behind.
    if not (folder / FILE).is_file():
        yield Finding("portfolio", "ledger", "well", "empty: nothing was decided yet")
        return
    try:
        report = verify(portfolio)
    except HeadwayError as fault:
        yield Finding("portfolio", "ledger", "wrong", str(fault), fault.mend, getattr(fault, "code", ""))
        return
    for one in report.diagnostics:
        yield of_diagnostic("portfolio", "ledger", one)
    if not report.diagnostics:
        yield Finding(
            "portfolio",
            "ledger",
            "well",
            f"whole, {report.entries} {'entry' if report.entries == 1 else 'entries'}",
        )
    head = portfolio.settings.ledger.head
    if inside and _git(portfolio.root, "status", "--porcelain", "--", head):
        mend = f"git add {head} && git commit"
        yield Finding("portfolio", head, "warning", "not committed as it stands", mend)


def _ignored(portfolio: Portfolio, folder: Path) -> Finding:
    name = folder.relative_to(portfolio.root).as_posix()
    if _git(portfolio.root, "check-ignore", "-q", f"{name}/any") is not None:
        return Finding("portfolio", name, "well", "left out of Git")
    return Finding("portfolio", name, "warning", "Git would take it in", f"echo '{name}/' >> .gitignore")


def _clear_secrets(root: Path, path: str) -> Iterator[Finding]:
    """Each line that looks like a secret, by its place alone: what stands there is not repeated."""
    try:
        text = (root / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = next((m for pattern in _SECRETS if (m := pattern.search(line))), None)
        if found:
            mend = "change it where it is used; write ${NAME} or ${file:/run/secrets/NAME} here"
            place = f"{path}:{number}:{found.start() + 1}"
            yield Finding(
                "portfolio", path, "warning", "what looks like a secret stands in clear", mend, "HW311", place
            )


def variables(portfolio: Portfolio, given: Mapping[str, str]) -> Iterator[Finding]:
    """Each variable and file of secrets that is named, and whether it is there; never what it holds."""
    for (kind, name), users in _named(portfolio).items():
        text = f"${{{name}}}" if kind == "variable" else f"${{file:{name}}}"
        whom = f"for {', '.join(users)}"
        try:
            reveal(text, users[0], given)
        except SourceFault as fault:
            yield Finding("secret", name, "wrong", f"{fault.happened}; {whom}", fault.mend, fault.code)
        else:
            said = "set" if kind == "variable" else "readable"
            yield Finding("secret", name, "well", f"{said}; {whom}")


def _named(portfolio: Portfolio) -> dict[tuple[str, str], list[str]]:
    made: dict[tuple[str, str], list[str]] = {}
    for name, source in portfolio.sources.items():
        named = (source.engine, source.url, source.token)
        for reference in (r for text in named for r in references(text or "")):
            made.setdefault(reference, []).append(f"source {name}")
    for reference in references(portfolio.settings.store):
        made.setdefault(reference, []).append("the store")
    return made
