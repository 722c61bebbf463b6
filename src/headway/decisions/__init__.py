"""What a person decided, on what, and the proof that the record was not changed since."""
