"""Files and directories are replaced in one step or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bookbuilder._support.files import (
    file_sizes,
    holds,
    read_json,
    recover_directory,
    swap_directory,
    write_text,
)


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "file.json"
    write_text(path, "first")

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_text(path, "second")
    assert path.read_text() == "first"
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]
    assert read_json(path) is None and read_json(tmp_path / "absent") is None


def test_a_directory_swap_can_be_killed_halfway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, place = tmp_path / "new", tmp_path / "html"
    for directory in (new, place):
        directory.mkdir()
        (directory / "index.html").write_text(directory.name)
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self == new:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        swap_directory(new, place)
    monkeypatch.undo()
    recover_directory(place)
    assert (place / "index.html").read_text() == "html"
    swap_directory(new, place)
    assert (place / "index.html").read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["html"]


def test_a_record_is_json(tmp_path: Path) -> None:
    write_text(tmp_path / "x", json.dumps({"a": [1.5]}))
    assert read_json(tmp_path / "x") == {"a": [1.5]}


def test_a_directory_holds_what_was_listed(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "a.html", "page")
    write_text(tmp_path / "b.html", "page")
    listed = file_sizes(tmp_path)
    assert listed == {"b.html": 4, "deep/a.html": 4}
    write_text(tmp_path / "c.html", "more")
    assert holds(tmp_path, listed) and holds(tmp_path, {}) and not holds(tmp_path, None)
    assert not holds(tmp_path / "absent", listed)
    write_text(tmp_path / "b.html", "pag")
    assert not holds(tmp_path, listed)
