"""The points at which a reader wants a chapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project
from bookbuilder.rerun.points import folder_name, read_points


def test_folders_of_reruns_are_readable_and_never_shared() -> None:
    assert folder_name({"alpha": 0.3, "widths": [1.0, 2.0]}) == "alpha=0.3,widths=[1.0,2.0]"
    assert folder_name({}) == "defaults"
    names = {folder_name({"f": text}) for text in ("a/b", "a b", "a_b", "a" * 200, "a" * 201)}
    assert len(names) == 5
    assert all("/" not in name and len(name) < 120 for name in names)


def test_a_readers_file_is_told_absolutely_and_its_change_is_another_run(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = project.source("parabola")
    line = 'data: str = "digits"  # in files: of the reader\nalpha: float'
    source.write_text(source.read_text().replace("alpha: float", line, 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BookError, match=r"data = 'my\.npz' must lie in files: there is no"):
        read_points(project, "parabola", "data=my.npz", "quick")
    Path("my.npz").write_bytes(b"1")
    [first] = read_points(project, "parabola", "data=my.npz", "quick")
    assert first.values["data"] == str(tmp_path / "my.npz")
    Path("my.npz").write_bytes(b"12")
    [other] = read_points(project, "parabola", "data=my.npz", "quick")
    assert other.place == first.place and other.key != first.key
    [shipped] = read_points(project, "parabola", "data=digits", "quick")
    assert shipped.values["data"] == "digits"
