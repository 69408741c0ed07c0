"""A reader's ``P="name=value …"``: read against the parameters of a chapter, and written."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping, Sequence

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import Value
from bookbuilder.declare.parameters import Parameter, allowed


def parse_choices(text: str, parameters: Sequence[Parameter]) -> dict[str, list[Value]]:
    """The values listed for each parameter, in its type and in the order given; at least one each.

    From a text such as ``alpha=0.3,0.5 activation=relu,tanh widths=[0.1,1]``; quote what
    contains spaces. A comma separates two values, except within brackets. For a list,
    ``widths=0.1,1`` and ``widths=[0.1,1]`` are the same one value, ``widths=[0.1,1],[2]`` two.
    """
    try:
        items = shlex.split(text)
    except ValueError as error:
        raise BookError(f"P = {text!r}: {error}") from None
    known = {parameter.name: parameter for parameter in parameters}
    given: dict[str, list[object]] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name.isidentifier():
            raise BookError(
                f"P: {item!r} must read name=value without spaces; quote a value that contains any"
                f"\nAllowed here:\n{allowed(parameters)}"
            )
        if name in given:
            raise BookError(f"P sets {name!r} twice")
        listed = _listed(value, known.get(name))
        if len(listed) > 1 and not all(listed):
            raise BookError(f"{name}: nothing stands beside a comma in {value!r}")
        given[name] = [_literal(each, known.get(name)) for each in listed]
    choices = _check_choices(given, parameters, origin="P")
    for name, values in choices.items():
        for each in values:
            if values.count(each) > 1:
                raise BookError(f"P lists {name} = {each!r} twice; each value may occur once")
    return choices


def check_values(
    given: Mapping[str, object], parameters: Sequence[Parameter], *, origin: str
) -> dict[str, Value]:
    """The same values in their parameters' types; a refusal names `origin` and what is wrong."""
    choices = _check_choices({name: [given[name]] for name in given}, parameters, origin=origin)
    return {name: values[0] for name, values in choices.items()}


def refused(origin: str, problems: Sequence[str], parameters: Sequence[Parameter]) -> str:
    """What is wrong with values, and what is allowed instead."""
    lines = "\n".join(f"  {problem}" for problem in problems)
    return f"{origin} is refused:\n{lines}\nAllowed here:\n{allowed(parameters)}"


def settings(values: Mapping[str, Value]) -> str:
    """Values as a reader types them: the inverse of `parse_choices` but for commas in a text."""
    items = [f"{name}={plain(value)}" for name, value in values.items()]
    return " ".join(f"'{item}'" if any(map(str.isspace, item)) else item for item in items)


def plain(value: Value) -> str:
    """A value without the quotes and spaces of Python."""
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _check_choices(
    given: Mapping[str, Sequence[object]], parameters: Sequence[Parameter], *, origin: str
) -> dict[str, list[Value]]:
    known = {parameter.name: parameter for parameter in parameters}
    problems: list[str] = []
    checked: dict[str, list[Value]] = {}
    for name, values in given.items():
        if name not in known:
            problems.append(f"{name} is not a parameter of this chapter")
            continue
        checked[name] = []
        for value in values:
            try:
                checked[name].append(known[name].check(value))
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise BookError(refused(origin, problems, parameters))
    return checked


def _listed(text: str, parameter: Parameter | None) -> list[str]:
    """The values of one item; those of a list parameter are several only if each is in brackets."""
    pieces = _split(text)
    if parameter is not None and parameter.is_list:
        return pieces if all(piece.startswith("[") for piece in pieces) else [text]
    return pieces


def _split(text: str) -> list[str]:
    """Pieces between the commas that are in no brackets."""
    pieces, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return [piece.strip() for piece in pieces]


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
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        # No literal, as a list for a key is none, or nested beyond what Python reads.
        return text
