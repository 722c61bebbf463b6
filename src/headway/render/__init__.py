"""Faces of a review, all drawn from the same record: terminal, JSON, Markdown and HTML."""
