"""Connectors: one file for each kind of place that documents come from."""
