"""One file per system that fills facts. A source binds a table where it lies; nothing is copied."""
