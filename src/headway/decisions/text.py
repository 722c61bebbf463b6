"""Free text beside the ledger: the entry holds a salted digest, so erasing it leaves the chain whole."""

from __future__ import annotations

from dataclasses import dataclass

from headway.decisions.entry import document
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import canonical, digest_bytes

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class FreeText:
    """What a person wrote, and 16 random bytes without which a short text could be guessed from its digest.

    >>> FreeText("agreed", bytes(16)).digest[:8]
    '2d55bfaf'
    """

    text: str
    salt: bytes

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            message = f"a salt has {SALT_BYTES} bytes"
            raise ValueError(message)

    @property
    def digest(self) -> str:
        """SHA-256 of salt and text, in hex: what the entry holds."""
        return digest_bytes(self.salt + self.text.encode())

    def to_bytes(self) -> bytes:
        """The document that is kept under the digest."""
        return canonical({"salt": self.salt.hex(), "text": self.text})

    @classmethod
    def from_bytes(cls, data: bytes, digest: str) -> FreeText:
        """Read the document back that an entry named by its digest.

        Raises:
            LedgerFault: HW608, this is not that text.
        """
        try:
            match document(data):
                case {"salt": str(salt), "text": str(text)}:
                    found = cls(text, bytes.fromhex(salt))
                    if found.digest == digest:
                        return found
        except (LedgerFault, ValueError):
            pass
        raise LedgerFault(
            "HW608",
            "read a text of",
            "it is not the text that its entry names",
            "restore ledger.db from a backup",
        )
