"""Writing that is either complete or did not happen."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step; its directory is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON in one step."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Content of a JSON file, or None when it is absent or was damaged by something else."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None


def file_sizes(directory: Path) -> dict[str, int]:
    """Size of every file below a directory, by its relative path."""
    return {
        path.relative_to(directory).as_posix(): path.stat().st_size
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def holds(directory: Path, sizes: Mapping[str, int] | None) -> bool:
    """Whether every file that `file_sizes` listed, if it did, is there, as long as it was."""
    return sizes is not None and sizes.items() <= file_sizes(directory).items()


def swap_directory(new: Path, place: Path) -> None:
    """Put directory `new` at `place`, by two renames; see `recover_directory`."""
    previous = _previous(place)
    shutil.rmtree(previous, ignore_errors=True)
    if place.exists():
        place.rename(previous)
    new.rename(place)
    shutil.rmtree(previous, ignore_errors=True)


def recover_directory(place: Path) -> None:
    """Undo a `swap_directory` that was killed halfway."""
    previous = _previous(place)
    if previous.exists() and not place.exists():
        previous.rename(place)


def _previous(place: Path) -> Path:
    return place.with_name(f".{place.name}.previous")
