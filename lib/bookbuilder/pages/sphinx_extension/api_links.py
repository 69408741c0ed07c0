"""Links names of the library, in code in prose and in docstrings, to where they are described."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

PLACES = (
    "onestep",
    "onestep.theory",
    *(
        f"onestep.studies{part}"
        for part in ("", ".step", ".degree", ".errors", ".paper", ".images")
    ),
)
"""Where names in prose begin."""

_DOTTED = re.compile(r"(\w+(?:\.\w+)+)(?:\(.*\))?", re.DOTALL)


def setup(app: Sphinx) -> None:
    """Connect; before the links of a page that stands alone are taken out again (500)."""
    app.connect("missing-reference", _resolve)
    app.connect("doctree-resolved", _link, priority=400)


def find(known: set[str], text: str, places: tuple[str, ...] = PLACES) -> str | None:
    """The full name that a text means: itself, within a place, or by the only matching end."""
    for full in (text, *(f"{place}.{text}" for place in places)):
        if full in known:
            return full
    if text.islower() and "." not in text and "_" not in text:
        return None  # a word, or a symbol of the theory
    ends = [name for name in known if name.endswith(f".{text}")]
    return ends[0] if len(ends) == 1 else None


def _reference(
    builder: Builder, env: BuildEnvironment, page: str, name: str, content: nodes.Node
) -> nodes.reference:
    domain = env.get_domain("py")
    assert isinstance(domain, PythonDomain)
    entry = domain.objects[name]
    return make_refnode(builder, page, entry.docname, entry.node_id, content, name)


def _known(env: BuildEnvironment) -> set[str]:
    domain = env.get_domain("py")
    assert isinstance(domain, PythonDomain)
    return {name for name, entry in domain.objects.items() if not entry.aliased}


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Node
) -> nodes.reference | None:
    """A name in a docstring, as seen from its module and those above."""
    if node.get("refdomain") != "py" or node.get("reftype") != "obj":
        return None
    parts = (node.get("py:module") or "onestep").split(".")
    above = tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1))
    name = find(_known(env), node["reftarget"], above)
    return name and _reference(app.builder, env, node["refdoc"], name, content)


def _link(app: Sphinx, document: nodes.document, page: str) -> None:
    known = _known(app.env)
    for literal in list(document.findall(nodes.literal)):
        inside: nodes.Element | None = literal.parent
        while inside is not None and not isinstance(inside, nodes.reference | nodes.title):
            inside = inside.parent
        match = _DOTTED.fullmatch(literal.astext())
        if inside is None and match and (name := find(known, match[1])):
            literal.replace_self(_reference(app.builder, app.env, page, name, literal.deepcopy()))
