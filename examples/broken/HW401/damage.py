"""Changes the margin of a design that is registered."""

from pathlib import Path

file = Path("initiative.yaml")
file.write_text(file.read_text().replace('"-0.02"', '"-0.01"'))
