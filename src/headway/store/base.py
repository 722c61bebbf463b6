"""The port of a store: it keeps bytes in order and by digest, and knows nothing of what they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

# What stands where the digest of an entry before the first would stand.
NO_ENTRY = "0" * 64


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as it lies in the store.

    Attributes:
        seq: its number, from 1.
        digest: the digest it is filed under; a reader that must be sure computes it again.
        entry: its bytes.
    """

    seq: int
    digest: str
    entry: bytes


class Store(Protocol):
    """Keeps entries and pinned documents. Writers take turns; readers never wait for them."""

    def append(self, build: Callable[[int, str], bytes], pins: Mapping[str, bytes]) -> Stored:
        """Add one entry and the documents it pins, all or nothing.

        Args:
            build: makes the entry's bytes from its number and the digest of the entry before it, while no
                other writer can come between. What it raises is passed on, and nothing is kept.
            pins: digest to document. One that is already kept under that digest is not written again.

        Raises:
            LedgerFault: HW610, the store cannot be written; HW608, a document of that digest is kept with
                other bytes.
        """
        ...

    def entries(self, since: int = 0) -> Iterator[Stored]:
        """The entries after a number, in order and one at a time, as they stood when the first was read.

        Raises:
            LedgerFault: HW601, the store cannot be read.
        """
        ...

    def pinned(self, digest: str) -> bytes | None:
        """The document kept under a digest, if there is one.

        Raises:
            LedgerFault: HW601, the store cannot be read.
        """
        ...

    def documents(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The documents kept under these digests, in few reads; those that are not there are left out.

        Raises:
            LedgerFault: HW601, the store cannot be read.
        """
        ...

    def size_and_head(self) -> tuple[int, str]:
        """The number of the last entry and the digest of its bytes; 0 and zeros when there is none.

        Raises:
            LedgerFault: HW601, the store cannot be read.
        """
        ...
