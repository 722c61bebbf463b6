"""Commit a portfolio that lacks its currency, then mend it: it was broken back then."""

import os
import subprocess
from pathlib import Path

OWN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
OWN |= {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "ann"), ("EMAIL", "ann@example.org"), ("DATE", "2026-03-01T12:00:00Z"))
}
SETTINGS = Path("portfolio.yaml")
sound = SETTINGS.read_text(encoding="utf-8")
SETTINGS.write_text(sound.replace("currency: EUR\n", ""), encoding="utf-8")
for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
    subprocess.run(["git", *words], check=True, env={**os.environ, **OWN})
SETTINGS.write_text(sound, encoding="utf-8")
