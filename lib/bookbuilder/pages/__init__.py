"""Shows what was executed: the book in HTML and PDF, and its record. No output depends on it."""

__all__ = ["pdf", "record", "render", "seed_rates"]
