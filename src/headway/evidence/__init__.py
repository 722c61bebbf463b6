"""Estimates with subject, provenance and freshness: what gates are allowed to see."""
