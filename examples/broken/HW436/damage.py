"""Halves the slots once an e-value is frozen, so that every bar would be half as high."""

from pathlib import Path

file = Path("portfolio.yaml")
file.write_text(file.read_text().replace("slots: 20", "slots: 10"))
