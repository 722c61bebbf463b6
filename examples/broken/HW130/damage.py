"""Commit the portfolio once: Git has one revision and no tag."""

import os
import subprocess

OWN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
OWN |= {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "ann"), ("EMAIL", "ann@example.org"), ("DATE", "2026-03-01T12:00:00Z"))
}
for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
    subprocess.run(["git", *words], check=True, env={**os.environ, **OWN})
