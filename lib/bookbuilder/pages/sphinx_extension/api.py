"""Directive ``api``: the public names of a module, from their docstrings, file by file.

``.. api:: onestep.network`` (inside ``eval-rst``) describes what the module lists as public. A name
that a higher module lists, too, is described there, and only named here.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from itertools import groupby
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

_LONGEST = 60  # characters of a value that is shown


def setup(app: Sphinx) -> None:
    """Register the directive, and the reading of docstrings."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_directive("api", Api)
    app.connect("autodoc-process-docstring", _read, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", _no_call)
    app.connect("autodoc-skip-member", _skip)
    app.connect("html-page-context", _plain_signatures)


class Api(SphinxDirective):
    """Entries of a module: all, or the named ones."""

    required_arguments = 1
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make them, as Sphinx reads them."""
        module = import_module(self.arguments[0])
        if len(self.arguments) > 1:
            lines = [line for name in self.arguments[1].split() for line in _entry(module, name)]
        else:
            lines = list(_entries(module))
        return list(self.parse_text_to_nodes("\n".join(lines)))


def public_names(module: ModuleType) -> list[str]:
    """What a module lists, or the functions, classes and documented constants that it defines."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (name in _constants(module) or getattr(value, "__module__", "") == module.__name__)
    ]


def described(module: ModuleType, name: str) -> str:
    """Where a public name is described: in the highest module that lists the same object."""
    parts = _home(module, name).split(".")
    for end in range(1, len(parts) + 1):
        above = import_module(".".join(parts[:end]))
        if name in public_names(above) and getattr(above, name) is getattr(module, name):
            return f"{above.__name__}.{name}"
    return f"{module.__name__}.{name}"


def _home(module: ModuleType, name: str) -> str:
    """The file in which a name of a module is defined, as a module."""
    value = getattr(module, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        return str(value.__module__)
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and name in [each.name for each in node.names]:
            relative = "." * node.level + (node.module or "")
            return _home(import_module(relative, module.__package__), name)
    return module.__name__


def _entries(module: ModuleType) -> Iterator[str]:
    """Lines of reStructuredText: the module, then its names by the files that define them."""
    yield from (f".. py:module:: {module.__name__}", "", *_docstring(module), "")
    names = [each for each in public_names(module) if not inspect.ismodule(getattr(module, each))]
    homes = {each: _home(module, each) for each in names}
    for home, group in groupby(sorted(names, key=lambda each: homes[each]), homes.__getitem__):
        if home.rpartition(".")[0] == module.__name__:  # a file of a room
            file = home.rpartition(".")[2]
            if file not in names:
                yield from (f".. py:module:: {home}", "")
            yield from (f".. rubric:: {file}.py", "   :class: api-file", "")
            yield from (*_docstring(import_module(home)), "")
        for each in group:
            yield from _entry(module, each)


def _entry(module: ModuleType, name: str) -> Iterator[str]:
    value, full = getattr(module, name), f"{module.__name__}.{name}"
    kind = "class" if inspect.isclass(value) else "function" if inspect.isroutine(value) else "data"
    if (place := described(module, name)) != full:
        yield from (f".. py:{kind}:: {name}", f"   :module: {module.__name__}", "")
        yield f"   The same as `{place}`."
    elif kind != "data":
        yield f".. auto{kind}:: {full}"
        yield from ("   :members:", "   :member-order: bysource") * (kind == "class")
    else:
        yield from (f".. py:data:: {name}", f"   :module: {module.__name__}")
        text = repr(value)
        yield from [f"   :value: {text}"] * (len(text) <= _LONGEST and " at 0x" not in text)
        comment = _constants(import_module(_home(module, name))).get(name, ())
        yield from ("", *(f"   {line}" for line in comment))
    yield ""


def _constants(module: ModuleType) -> Mapping[str, list[str]]:
    """Lines of the docstrings of a module's constants."""
    documented = ModuleAnalyzer.for_module(module.__name__).find_attr_docs()
    return {name: lines for (owner, name), lines in documented.items() if not owner}


def _docstring(module: ModuleType) -> list[str]:
    lines = inspect.cleandoc(module.__doc__ or "").splitlines()
    _keep_literal(lines)
    return lines


def _read(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    try:
        own = set(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        own = set()
    _keep_literal(lines, own)


def _keep_literal(lines: list[str], own: Collection[str] = ()) -> None:
    """Keep what is no markup as it is: formulas set apart, own parameters, ``*outputs``, bars."""
    kept: list[str] = []
    depth = 0  # of the text around
    formula = example = False
    for line in lines:
        indented = len(line) - len(line.lstrip())
        formula = formula and (not line or indented > depth)
        example = bool(line) and (example or line.lstrip().startswith(">>>"))
        if line and indented > depth and len(kept) > 1 and not kept[-1] and not formula:
            formula = True
            kept += [f"{' ' * depth}.. code-block:: text", ""] * (not kept[-2].endswith("::"))
        if line and not formula:
            depth = indented
        kept.append(line if formula or example else _escaped(line, own))
    lines[:] = kept


def _escaped(line: str, own: Collection[str]) -> str:
    parts = re.split(r"(``.*?``)", line)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"\*(?=\w+\))|\|", r"\\\g<0>", parts[i])
        parts[i] = re.sub(
            r"`(\w+)`", lambda found: f"`{found[0]}`" if found[1] in own else found[0], parts[i]
        )
    return "".join(parts)


def _skip(app: Sphinx, what: str, name: str, value: Any, skip: bool, options: Any) -> bool | None:
    """Leave out methods that only refer to what they implement, or that another library made."""
    text = (inspect.getdoc(value) or "") if not skip else ""
    foreign = inspect.isroutine(value) and (value.__module__ or "").startswith("sklearn.")
    return True if foreign or text.startswith("See `") else None


def _no_call(
    app: Sphinx, what: str, name: str, value: Any, options: Any, arguments: str, answer: str
) -> tuple[str, str] | None:
    """Nobody makes an object of a protocol."""
    return ("", "") if getattr(value, "_is_protocol", False) and what == "class" else None


def _plain_signatures(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Lines of a long signature are no list of definitions: a screen reader would call them so."""
    if "body" in context:
        context["body"] = re.sub(
            r'<dt class="sig .*?</dt>',
            lambda found: re.sub(r"<(/?)d[ld]>", r"<\1span>", found[0]).replace(
                "<span>", '<span class="sig-line">'
            ),
            context["body"],
            flags=re.DOTALL,
        )
