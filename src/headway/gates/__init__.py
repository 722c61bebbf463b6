"""Gates judge evidence: requirements as data, five states, and a judge without clock or store."""
