"""What every folder uses and what knows nothing of books: errors, files, the lock of a build."""

__all__ = ["errors", "files", "lock"]
