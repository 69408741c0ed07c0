"""Where things are in a project: every other module receives a `Project`, none looks around."""

from __future__ import annotations

from pathlib import Path


class Project:
    """A book on disk, below the absolute directory that holds ``_config.yml`` and ``_toc.yml``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.toc = root / "_toc.yml"
        self.config = root / "_config.yml"  # of Jupyter Book
        self.lock = root / "requirements.txt"  # exact versions of everything installed
        self.lib = root / "lib"  # the library whose every file is an input of every chapter
        self.book = root / "book"  # sources of the chapters
        self.registry = self.book / "_data" / "claims.toml"  # see `declare.registry`
        self.seeds = self.book / "_data" / "seeds.csv"  # as ``make seeds`` found claims to hold
        self.full = self.book / "_data" / "full.csv"  # what the last full runs claimed
        self.seconds = self.book / "_data" / "seconds.json"  # of every chapter, by profile
        self.build = root / "_build"  # everything that the builder writes
        self.html = self.build / "html"  # the rendered book
        self.pdf = self.build / "book.pdf"  # the whole book as one file
        self.claims = self.build / "claims.json"  # all claims of the last good build

    def source(self, chapter: str) -> Path:
        """Text notebook of a chapter."""
        return self.book / f"{chapter}.md"

    def executed(self, edition: str, chapter: str) -> Path:
        """Notebook of a chapter as papermill ran it, in an edition: a profile, maybe at a seed."""
        return self.build / "executed" / edition / f"{chapter}.ipynb"

    def record(self, edition: str, chapter: str) -> Path:
        """What is known about the last good run of a chapter (JSON)."""
        return self.build / "executed" / edition / f"{chapter}.json"

    def failed(self, edition: str, chapter: str) -> Path:
        """Notebook of a chapter that failed, for reading only."""
        return self.build / "failed" / edition / f"{chapter}.ipynb"

    def kept(self, edition: str, chapter: str) -> Path:
        """Folder for what a chapter's unfinished run has found so far; see `execute.execution`."""
        return self.build / "kept" / edition / chapter

    def runs(self, chapter: str) -> Path:
        """Re-runs of a chapter with a reader's values."""
        return self.build / "runs" / chapter
