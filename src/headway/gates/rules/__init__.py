"""One file per predicate."""
