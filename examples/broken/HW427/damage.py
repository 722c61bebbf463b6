"""Changes the question once the answer is frozen: the pilot must now exceed a fall of one point."""

from pathlib import Path

file = Path("initiative.yaml")
file.write_text(file.read_text() + '  promote_above: "-0.01"\n')
