"""Reads a folder into a portfolio: every file, every document, every fault in one run."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from headway.kernel.diagnostic import Diagnostic, Place, in_order
from headway.kernel.exchange import ExchangeRates
from headway.portfolio import yaml
from headway.portfolio.component import Component
from headway.portfolio.document import Document
from headway.portfolio.exchange_rates import exchange_rates
from headway.portfolio.files import Written, identity, read_files, yaml_files
from headway.portfolio.format import asks, renamed
from headway.portfolio.initiative import Initiative
from headway.portfolio.kinds import MODELS, SETTINGS_FILE, kind_of
from headway.portfolio.nodes import Mapping as MappingNode
from headway.portfolio.nodes import key_place_of
from headway.portfolio.operating_model import OperatingModelChange
from headway.portfolio.outcome import Outcome
from headway.portfolio.people import People
from headway.portfolio.settings import PortfolioSettings
from headway.portfolio.source import Source
from headway.portfolio.values import Declared
from headway.portfolio.wording import nearest, of_error, of_fault

M = TypeVar("M", bound=Declared)


@dataclass(frozen=True)
class Portfolio:
    """Everything declared in one folder; documents with a fault are in `documents` and nowhere else.

    Attributes:
        root: the folder.
        documents: by kind and name, the faulty ones too, so that a name is known wherever it was read.
        rates: dated rates to the portfolio's currency.
        people_known: False when a list of people was found and could not be used.
    """

    root: Path
    settings: PortfolioSettings
    people: People
    sources: Mapping[str, Source]
    outcomes: Mapping[str, Outcome]
    initiatives: Mapping[str, Initiative]
    components: Mapping[str, Component]
    operating_models: Mapping[str, OperatingModelChange]
    documents: Mapping[tuple[str, str], Document]
    rates: ExchangeRates
    people_known: bool = True

    def place(self, kind: str, name: str, *path: str | int) -> Place:
        """Where the value at a path of a document stands."""
        document = self.documents.get((kind, name))
        return document.place(*path) if document else Place(SETTINGS_FILE)

    def key_place(self, kind: str, name: str, *path: str | int) -> Place:
        """Where the key of the value at a path of a document stands."""
        document = self.documents.get((kind, name))
        return document.key_place(*path) if document else Place(SETTINGS_FILE)

    def declares(self, kind: str, name: str) -> bool:
        """Whether a document of that kind and name was read, faulty or not."""
        return (kind, name) in self.documents

    def names(self, kind: str) -> tuple[str, ...]:
        """The names declared for a kind, sorted."""
        return tuple(sorted(name for of, name in self.documents if of == kind))

    def beside(self, kind: str, name: str, path: str) -> Path:
        """A path written in a document, which is relative to the document's file."""
        document = self.documents.get((kind, name))
        return (self.root / document.file if document else self.root / SETTINGS_FILE).parent / path


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be read, every fault of it, and the files that were read.

    Attributes:
        identity: a name for the bytes of all files; None where a file or a folder could not be read.
    """

    portfolio: Portfolio | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...] = ()
    identity: str | None = None


def load(root: Path) -> Loaded:
    """Read every YAML file below a folder, except `data/`, `expected/` and hidden folders.

    Returns:
        The portfolio of all sound documents, or None when portfolio.yaml itself cannot be used.
    """
    found = _Found()
    files = yaml_files(root, found.faults)
    contents: list[tuple[str, bytes]] = []
    whole = not found.faults
    with collector_at_rest():
        for written in read_files(root, files):
            found.file(written)
            if isinstance(written, Written):
                contents.append((written.file, written.content))
        whole = whole and len(contents) == len(files)
        named = identity(contents) if whole else None
        return Loaded(found.portfolio(root), in_order(found.faults), files, named)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Nothing read here dies young, so the collector would only walk it all again: a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@dataclass
class _Found:
    """What has been read so far."""

    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    models: dict[str, dict[str, Declared]] = field(default_factory=dict)
    faults: list[Diagnostic] = field(default_factory=list)
    settings_seen: bool = False

    def file(self, written: Written | Diagnostic) -> None:
        if isinstance(written, Diagnostic):
            self.faults.append(written)
            self.settings_seen |= written.place.file == SETTINGS_FILE
            return
        for parsed in yaml.from_sound(written.content, written.file, written.sound):
            self.faults += parsed.diagnostics
            self.settings_seen |= written.file == SETTINGS_FILE and not parsed.whole
            self.document(parsed, written.file)

    def document(self, parsed: yaml.Parsed, file: str) -> None:
        plain = parsed.plain
        if not plain:
            if parsed.whole and parsed.node is not None:
                what = "a document begins with its kind and its name"
                mend = "begin with, for instance, initiative: a-name"
                self.faults.append(Diagnostic("HW106", what, parsed.node.place, mend))
            return
        first = next(iter(plain))
        if first not in MODELS:
            if parsed.whole:
                self.faults.append(_unknown_kind(first, parsed))
            return
        self.settings_seen |= first == "headway" and file == SETTINGS_FILE
        kind = kind_of(first)
        if asks(kind) and isinstance(parsed.node, MappingNode):
            self.faults += renamed(kind, parsed.node)
            parsed = yaml.Parsed(parsed.node, parsed.diagnostics)
            plain = parsed.plain or {}
        name = plain.get("portfolio" if first == "headway" else first)
        document = Document(kind, name if isinstance(name, str) else "", file, plain, parsed)
        fresh = self._declare(document)
        model = self._validated(first, document) if parsed.whole else None
        if fresh and model is not None and not parsed.diagnostics:
            self.models.setdefault(document.kind, {})[document.name] = model

    def _declare(self, document: Document) -> bool:
        """Note a document under its name, unless the name, or the only place of its kind, is taken."""
        kind = document.kind
        if not document.name:
            return False
        if kind in {"portfolio", "people"}:
            first = next((d for (of, _), d in self.documents.items() if of == kind), None)
        else:
            first = self.documents.get((kind, document.name))
        see = ((first.node.place, "first declared here"),) if first else ()
        if kind == "portfolio" and (first or document.file != SETTINGS_FILE):
            what = (
                f"'{document.name}' is a second portfolio" if first else "a portfolio outside portfolio.yaml"
            )
            mend = "keep one portfolio.yaml at the top of the folder"
            self.faults.append(Diagnostic("HW110", what, document.node.place, mend, see=see))
            return False
        if first:
            what = "people are declared twice" if kind == "people" else f"'{document.name}' is declared twice"
            mend = "put all people into one document" if kind == "people" else "rename one of the two"
            self.faults.append(Diagnostic("HW107", what, document.place(kind), mend, see=see))
            return False
        self.documents[kind, document.name] = document
        return True

    def _validated(self, first: str, document: Document) -> Declared | None:
        try:
            model = MODELS[first].model_validate(document.plain)
        except ValidationError as fault:
            self.faults += [of_error(document, dict(e)) for e in fault.errors(include_url=False)]
            return None
        faults = [of_fault(document, f) for f in getattr(model, "faults", tuple)()]
        self.faults += faults
        return None if faults else model

    def portfolio(self, root: Path) -> Portfolio | None:
        """What was found, when there are usable settings."""
        if not any(kind == "portfolio" for kind, _ in self.documents):
            if not self.settings_seen:
                what = "portfolio.yaml is absent or declares no portfolio"
                keys = "headway: 1, portfolio, currency and time_zone"
                mend = f"run `headway init`, or write portfolio.yaml with {keys}"
                self.faults.append(Diagnostic("HW110", what, Place(SETTINGS_FILE), mend))
            return None
        settings = next(iter(self._all("portfolio", PortfolioSettings).values()), None)
        if settings is None:
            return None
        people = next(iter(self._all("people", People).values()), None)
        named = self.documents["portfolio", settings.portfolio].place("exchange_rates")
        read = exchange_rates(root, settings.exchange_rates, settings.currency, named)
        self.faults += read.faults
        return Portfolio(
            root=root,
            settings=settings,
            people=people or People(people=settings.portfolio),
            sources=self._all("source", Source),
            outcomes=self._all("outcome", Outcome),
            initiatives=self._all("initiative", Initiative),
            components=self._all("component", Component),
            operating_models=self._all("operating_model", OperatingModelChange),
            documents=dict(sorted(self.documents.items())),
            rates=read.rates,
            people_known=people is not None or not any(kind == "people" for kind, _ in self.documents),
        )

    def _all(self, kind: str, model: type[M]) -> dict[str, M]:
        return {name: m for name, m in sorted(self.models.get(kind, {}).items()) if isinstance(m, model)}


def _unknown_kind(first: str, parsed: yaml.Parsed) -> Diagnostic:
    keys = list(parsed.plain or {})
    near = nearest(first, tuple(MODELS))
    later = next((key for key in keys if key in MODELS), None)
    if near:
        mend = f"write '{near}'"
    elif later:
        mend = f"put '{later}:' first; the first key says what a document is"
    else:
        mend = f"begin with one of {', '.join(MODELS)}, or move the file out of the portfolio"
    place = key_place_of(parsed.node, (first,)) if parsed.node else Place("")
    return Diagnostic("HW106", f"'{first}' is not a kind of document", place, mend)
