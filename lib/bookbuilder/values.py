"""The reader's ``P="name=value …"`` against the parameters of a chapter."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping, Sequence

from bookbuilder.domain import Value
from bookbuilder.errors import BookError
from bookbuilder.parameters import Parameter, allowed


def parse_values(text: str, parameters: Sequence[Parameter]) -> dict[str, Value]:
    """Values in the types of their parameters, in the order given.

    Parameters
    ----------
    text
        Such as ``alpha=0.3 activation=tanh widths=[0.1,1]``; quote a value that contains spaces.

    Raises
    ------
    BookError
        If an item is not ``name=value``, or as `check_values`.
    """
    try:
        items = shlex.split(text)
    except ValueError as error:
        raise BookError(f"P = {text!r}: {error}") from None
    known = {parameter.name: parameter for parameter in parameters}
    given: dict[str, object] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name.isidentifier():
            raise BookError(
                f"P: {item!r} must read name=value without spaces; quote a value that contains any"
                f"\nAllowed here:\n{allowed(parameters)}"
            )
        if name in given:
            raise BookError(f"P sets {name!r} twice")
        given[name] = _literal(value, known.get(name))
    return check_values(given, parameters, origin="P")


def check_values(
    given: Mapping[str, object], parameters: Sequence[Parameter], *, origin: str
) -> dict[str, Value]:
    """The same values, each in the type of its parameter.

    Parameters
    ----------
    origin
        Where the values come from, for the message.

    Raises
    ------
    BookError
        Naming every unknown name, wrong type and value out of range, with the list of what is
        allowed.
    """
    known = {parameter.name: parameter for parameter in parameters}
    problems: list[str] = []
    checked: dict[str, Value] = {}
    for name, value in given.items():
        if name not in known:
            problems.append(f"{name} is not a parameter of this chapter")
            continue
        try:
            checked[name] = known[name].check(value)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise BookError(f"{origin} is refused:\n{lines}\nAllowed here:\n{allowed(parameters)}")
    return checked


def _literal(text: str, parameter: Parameter | None) -> object:
    """Python value of what the reader typed; text stays text where the parameter is text."""
    if parameter is None:
        return text
    if parameter.is_list:
        if not text.startswith("["):
            text = f"[{text}]"
        if parameter.kind == "str":
            return [item.strip().strip("'\"") for item in text[1:-1].split(",")]
    elif parameter.kind == "str":
        return text
    elif parameter.kind == "bool":
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
