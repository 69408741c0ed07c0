"""What a book says of itself, read without running anything."""

__all__ = [
    "domain", "notebook", "parameters", "profile", "project", "registry", "toc", "values",
]  # fmt: skip
