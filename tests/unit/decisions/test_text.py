"""Free text lies beside the ledger and can be erased."""

from __future__ import annotations

import hashlib

import pytest

from headway.decisions.text import FreeText
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import canonical

SALT = bytes(range(16))


def test_the_entry_holds_the_digest_of_salt_and_text() -> None:
    """The digest is SHA-256 of the 16 bytes and the text in UTF-8."""
    assert FreeText("zu früh", SALT).digest == hashlib.sha256(SALT + "zu früh".encode()).hexdigest()


def test_equal_texts_have_unequal_digests() -> None:
    """Who guesses a text cannot tell from the ledger whether the guess is right."""
    assert FreeText("no", SALT).digest != FreeText("no", bytes(16)).digest


def test_a_text_comes_back() -> None:
    """What is kept is salt and text, and both are read again."""
    text = FreeText("zu früh", SALT)
    assert text.to_bytes() == b'{"salt":"000102030405060708090a0b0c0d0e0f","text":"zu fr\xc3\xbch"}'
    assert FreeText.from_bytes(text.to_bytes(), text.digest) == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{ "salt":"","text":"a"}',
        canonical({"salt": 1, "text": "a"}),
        canonical({"salt": "zz", "text": "a"}),
        canonical({"salt": "00", "text": "a"}),
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    """Anything but a salt of 16 bytes and a text is HW608."""
    with pytest.raises(LedgerFault) as refused:
        FreeText.from_bytes(data, "0" * 64)
    assert refused.value.code == "HW608"


def test_another_text_is_refused() -> None:
    """A text that was exchanged does not have the digest that its entry holds, and is not shown."""
    with pytest.raises(LedgerFault, match="not the text that its entry names"):
        FreeText.from_bytes(FreeText("no", SALT).to_bytes(), FreeText("yes", SALT).digest)
