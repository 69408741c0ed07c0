"""The parameters cell of a chapter, read without running it."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import (
    Activations,
    Anything,
    Domain,
    Files,
    Scalar,
    Value,
    parse_domain,
    representable,
)
from bookbuilder.declare.notebook import code_cells, has_tag

SCALARS: dict[str, type[Scalar]] = {"bool": bool, "int": int, "float": float, "str": str}


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell."""

    name: str
    kind: str  # name of the type; of the elements when `is_list`
    is_list: bool
    default: Value
    domain: Domain  # allowed values; of each element when `is_list`
    prose: str

    @property
    def type_name(self) -> str:
        """Type as a reader would write it."""
        return f"list of {self.kind}" if self.is_list else self.kind

    @property
    def allowed(self) -> str:
        """Allowed values as an author writes them."""
        return f"each {self.domain}" if self.is_list else str(self.domain)

    def check(self, value: object) -> Value:
        """The value in the parameter's type."""
        if not self.is_list:
            return self._scalar(value)
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(
                f"{self.name} = {value!r} must be a list with at least one {self.kind}"
            )
        return [self._scalar(item) for item in value]

    def _scalar(self, value: object) -> Scalar:
        fits: Scalar | None = None
        if isinstance(value, bool) or self.kind == "bool":
            fits = value if isinstance(value, bool) and self.kind == "bool" else None
        elif isinstance(value, int) and self.kind == "int":
            fits = value
        elif isinstance(value, int | float) and self.kind == "float" and representable(value):
            fits = float(value)
        elif isinstance(value, str) and self.kind == "str":
            fits = value
        if fits is None:
            raise ValueError(f"{self.name} = {value!r} must be of type {self.kind}")
        if isinstance(self.domain, Activations) and (refusal := self.domain.refusal(fits)):
            raise ValueError(f"{self.name} = {value!r} must lie {self.domain}: {refusal}")
        if fits not in self.domain:
            raise ValueError(f"{self.name} = {value!r} must lie {self.domain}")
        return self.domain.absolute(str(fits)) if isinstance(self.domain, Files) else fits


def read_parameters(notebook: NotebookNode, chapter: str) -> list[Parameter]:
    """Parameters that a chapter declares; empty when it has no cell tagged ``parameters``."""
    cells = [cell for cell in code_cells(notebook) if has_tag(cell, "parameters")]
    if len(cells) > 1:
        raise BookError(f"chapter {chapter!r} has {len(cells)} cells tagged `parameters`, not one")
    if not cells:
        return []
    source: str = cells[0].source
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise BookError(f"parameters cell of {chapter!r}: {error}") from None
    comments = _comments(source)
    found: list[Parameter] = []
    for statement in statements:
        line = ast.get_source_segment(source, statement)
        try:
            found.append(_parameter(statement, comments.get(statement.end_lineno or 0, "")))
        except ValueError as error:
            raise BookError(f"parameters cell of {chapter!r}, `{line}`: {error}") from None
    names = [parameter.name for parameter in found]
    for name in names:
        if names.count(name) > 1:
            raise BookError(f"parameters cell of {chapter!r} sets {name!r} twice")
    return found


def allowed(parameters: Sequence[Parameter]) -> str:
    """Table of all parameters with type, range, default and meaning, as plain text."""
    if not parameters:
        return "This chapter has no parameters."
    rows = [("name", "type", "allowed", "default", "meaning")]
    rows += [
        (
            parameter.name,
            parameter.type_name,
            parameter.allowed,
            repr(parameter.default),
            parameter.prose,
        )
        for parameter in parameters
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([*(row[i].ljust(widths[i]) for i in range(4)), row[4]]).rstrip() for row in rows
    ]
    return "\n".join(f"  {line}" for line in lines)


def _comments(source: str) -> dict[int, str]:
    """Comment of each line, by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameter(statement: ast.stmt, comment: str) -> Parameter:
    if (
        not isinstance(statement, ast.AnnAssign)
        or not isinstance(statement.target, ast.Name)
        or statement.value is None
    ):
        raise ValueError("each line must read `name: type = value  # in [a, b]: meaning`")
    try:
        default = ast.literal_eval(statement.value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise ValueError("the value must be a literal") from None
    kind, is_list = _kind(ast.unparse(statement.annotation), default)
    domain, each, prose = parse_domain(comment)
    if each and not is_list:
        raise ValueError("`each` is for lists")
    if is_list and not each:
        raise ValueError("the comment of a list must start with `each in …`")
    if kind in ("int", "float") and isinstance(domain, Anything):
        raise ValueError("the comment of a number must start with `in [a, b]` or `in {x, y}`")
    parameter = Parameter(statement.target.id, kind, is_list, default, domain, prose)
    return replace(parameter, default=parameter.check(default))


def _kind(annotation: str, default: object) -> tuple[str, bool]:
    """Type name and whether it is a list; the elements of a bare ``list`` tell their type."""
    if annotation in SCALARS:
        return annotation, False
    if annotation.startswith("list[") and annotation[5:-1] in SCALARS:
        return annotation[5:-1], True
    if annotation == "list" and isinstance(default, list) and default:
        kinds = {type(item).__name__ for item in default}
        kind = "float" if kinds == {"int", "float"} else kinds.pop() if len(kinds) == 1 else ""
        if kind in SCALARS:
            return kind, True
    raise ValueError(f"{annotation!r} must be one of bool, int, float, str, list")
