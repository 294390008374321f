"""What Gavel remembers, in SQLite: history, verdicts, deliveries, reviews, and cached scores.

Lives here: schemas, queries and nothing else. Not here: what is decided from them.
"""
