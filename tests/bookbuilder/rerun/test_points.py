"""The points at which a reader wants a chapter."""

from __future__ import annotations

from bookbuilder.rerun.points import folder_name


def test_folders_of_reruns_are_readable_and_never_shared() -> None:
    assert folder_name({"alpha": 0.3, "widths": [1.0, 2.0]}) == "alpha=0.3,widths=[1.0,2.0]"
    assert folder_name({}) == "defaults"
    names = {folder_name({"f": text}) for text in ("a/b", "a b", "a_b", "a" * 200, "a" * 201)}
    assert len(names) == 5
    assert all("/" not in name and len(name) < 120 for name in names)
