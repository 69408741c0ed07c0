"""Where things are in a project: every other module receives a `Project`, none looks around."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """A book on disk."""

    root: Path  # absolute directory that holds ``_config.yml`` and ``_toc.yml``

    @property
    def book(self) -> Path:
        """Sources of the chapters."""
        return self.root / "book"

    @property
    def lib(self) -> Path:
        """The library whose every file is an input of every chapter."""
        return self.root / "lib"

    @property
    def toc(self) -> Path:
        """Table of contents."""
        return self.root / "_toc.yml"

    @property
    def config(self) -> Path:
        """Jupyter Book configuration."""
        return self.root / "_config.yml"

    @property
    def lock(self) -> Path:
        """Exact versions of everything installed."""
        return self.root / "requirements.txt"

    @property
    def build(self) -> Path:
        """Everything that the builder writes."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The rendered book."""
        return self.build / "html"

    @property
    def pdf(self) -> Path:
        """The whole book as one file."""
        return self.build / "book.pdf"

    @property
    def claims(self) -> Path:
        """All claims of the last good build."""
        return self.build / "claims.json"

    @property
    def seeds(self) -> Path:
        """Claims of the chapters under other seeds, as ``make seeds`` found them."""
        return self.book / "_data" / "seeds.csv"

    @property
    def registry(self) -> Path:
        """What every claim states, with which margin: see `declare.registry`."""
        return self.book / "_data" / "claims.toml"

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

    def runs(self, chapter: str) -> Path:
        """Re-runs of a chapter with a reader's values."""
        return self.build / "runs" / chapter
