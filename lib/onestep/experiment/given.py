"""Lists that papermill was given as text."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from .._support import check


def as_list(name: str, value: Any) -> list[Any]:
    """A chapter's list of numbers or strings, however it was given.

    A list or array; a number; or text, as papermill hands over ``-p widths "[0.5, 1]"``: items
    separated by commas, in brackets or without. There must be an item, and each a number or text.

    Examples
    --------
    >>> as_list("widths", "[0.5, 1]"), as_list("widths", 0.5), as_list("students", "relu,tanh")
    ([0.5, 1], [0.5], ['relu', 'tanh'])
    """
    found = value
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1]
        try:
            found = ast.literal_eval(f"[{inner}]")
        except (SyntaxError, ValueError):
            found = [item.strip().strip("\"'") for item in inner.split(",")]
    items = list(found) if isinstance(found, Iterable) else [found]
    plain = [check.scalar(each) for each in items]
    if not plain or not all(type(each) in (int, float, str) and each != "" for each in plain):
        raise ValueError(
            f"{name} = {value!r} is not allowed: a list of numbers or strings is needed; papermill "
            f"takes it as -y '{name}: [...]'"
        )
    return plain
