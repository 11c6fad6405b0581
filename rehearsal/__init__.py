"""Rehearsals: stories with dates, run against the real processes in a throw-away environment (FORMAT.md).

Nothing in the product imports this package; it changes only the clock and the environment.
"""
