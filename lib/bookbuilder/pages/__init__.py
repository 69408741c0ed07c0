"""Shows what was executed: the book in HTML and PDF, and its record. No output depends on it.

- `render`: the pages of the book, complete and without warnings, or not at all
- `record`: ``claims.json``: what was found, when and where
- `seed_table`: what was found under other seeds
- `pdf`: the whole book as one file
"""

__all__ = ["pdf", "record", "render", "seed_table"]
