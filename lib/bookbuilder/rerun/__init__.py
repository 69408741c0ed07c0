"""A chapter with a reader's values, apart from the book: at a point, on a grid, at other seeds."""

__all__ = ["grid", "points", "rerun", "seeds"]
