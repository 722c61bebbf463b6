"""Secrets come from the environment or from files of secrets, never from a portfolio's own files.

``${NAME}`` stands for an environment variable, ``${file:/run/secrets/NAME}`` for the first line of a file. A
portfolio may come from somebody's pull request, so only files below the folders of secrets are read: else a
line of YAML could send any file of this machine to any host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from headway.kernel.errors import SourceFault, scrub

REFERENCE = re.compile(r"\$\{(?:([A-Z][A-Z0-9_]*)|file:([^}]+))\}")
# Where container platforms mount secrets; a machine may name further folders.
FOLDER = "/run/secrets"
FOLDERS = "HEADWAY_SECRETS"
_MOST_BYTES = 1 << 14
# A shorter text would be found in words that are no secret.
_LEAST = 4
HIDDEN = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Revealed:
    """A text whose references were followed, and what must never be shown of it."""

    text: str
    values: tuple[str, ...]

    def hide(self, said: str) -> str:
        """What somebody says, without the text, its password, and each value it was made of."""
        for secret in sorted({s for s in self._secrets() if s}, key=len, reverse=True):
            said = said.replace(secret, HIDDEN)
        return scrub(said)

    def fault(self, fault: SourceFault) -> SourceFault:
        """The same fault without secrets."""
        return SourceFault(fault.code, self.hide(fault.on), self.hide(fault.happened), self.hide(fault.mend))

    def _secrets(self) -> Iterator[str]:
        """Every form in which a driver may repeat it: as it stands and as it is meant."""
        yield self.text
        # Everything up to the last @ is user and password: an unquoted @ inside is a common slip.
        user, at, _ = urlsplit(self.text).netloc.rpartition("@")
        password = user.partition(":")[2] if at else ""
        yield from (password, unquote(password), password.partition("@")[2])
        for value in self.values:
            if len(value) >= _LEAST:
                yield from (value, unquote(value))


def references(text: str) -> tuple[tuple[str, str], ...]:
    """The variables and files that a text names, as pairs of ``variable`` or ``file`` and its name.

    >>> references("postgresql://ann:${file:/run/secrets/db}@${DB_HOST}/claims")
    (('file', '/run/secrets/db'), ('variable', 'DB_HOST'))
    """
    return tuple(("variable", m[1]) if m[1] else ("file", m[2]) for m in REFERENCE.finditer(text))


def reveal(text: str, source: str, environment: Mapping[str, str]) -> Revealed:
    """Follow the references of a text.

    Args:
        text: as declared.
        source: the source that declares it.
        environment: the variables.

    Raises:
        SourceFault: HW307 a variable is not set; HW310 a file is not to be had, or lies elsewhere.
    """
    values: list[str] = []

    def value(found: re.Match[str]) -> str:
        values.append(
            _of_variable(found[1], source, environment)
            if found[1]
            else _of_file(found[2], source, environment)
        )
        return values[-1]

    made = REFERENCE.sub(value, text)
    return Revealed(made, tuple(values))


def _of_variable(name: str, source: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        what = f"the environment variable {name} is not set"
        raise SourceFault("HW307", source, what, f"export {name}=…")
    return environment[name]


def _of_file(name: str, source: str, environment: Mapping[str, str]) -> str:
    folders = folders_of(environment)
    try:
        # Resolved on both sides: platforms mount secrets as links, and a link may lead out.
        path = Path(name).resolve(strict=True)
        if not Path(name).is_absolute() or not any(path.is_relative_to(f.resolve()) for f in folders):
            allowed = " or ".join(map(str, folders))
            what = f"'{name}' does not lie below {allowed}"
            raise SourceFault("HW310", source, what, f"put it there, or name its folder in {FOLDERS}")
        with path.open(encoding="utf-8") as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or "it is not text"
        mend = "let the platform mount it there, readable for this user"
        raise SourceFault("HW310", source, f"'{name}': {said}", mend) from None
    lines = text.splitlines()
    if len(text) > _MOST_BYTES or len([line for line in lines if line.strip()]) != 1:
        what = f"'{name}' does not hold one line"
        raise SourceFault("HW310", source, what, "write the secret, and nothing else, into it")
    return lines[0]


def folders_of(environment: Mapping[str, str]) -> list[Path]:
    """The folders below which secrets may lie."""
    more = [Path(p) for p in environment.get(FOLDERS, "").split(os.pathsep) if p]
    return [Path(FOLDER), *more]
