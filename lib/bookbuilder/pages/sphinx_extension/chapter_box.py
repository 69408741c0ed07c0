"""The box below a chapter's title: its downloads, how long it runs, and how to run it again."""

from __future__ import annotations

import html
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import load
from bookbuilder.declare.parameters import Parameter, read_parameters
from bookbuilder.declare.values import settings
from bookbuilder.pages.sphinx_extension.build_record import read_record
from bookbuilder.pages.sphinx_extension.table import table

COLUMNS = {"Parameter": 17, "Type": 15, "Allowed": 23, "Here": 15, "Meaning": 30}
"""Columns of the table of parameters with their widths in per cent."""

_COARSE = (
    (10, "a few seconds"),
    (30, "under half a minute"),
    (60, "under a minute"),
    (120, "under two minutes"),
    (600, "a few minutes"),
    (3600, "under an hour"),
)


def setup(app: Sphinx) -> None:
    """Connect; the text source is copied by Sphinx, the notebook by `downloads`."""
    app.connect("doctree-read", _add_box)


def coarse_duration(seconds: float) -> str:
    """A run time as precisely as it carries over to another machine."""
    for limit, words in _COARSE:
        if seconds < limit:
            return words
    return f"about {seconds / 3600:.0f} hours" if seconds >= 5400 else "about an hour"


def make_command(chapter: str, values: Mapping[str, Value]) -> str:
    """The command that re-runs a chapter by ``make``."""
    return f'make chapter CHAPTER={chapter} P="{settings(values)}"'


def papermill_command(chapter: str, values: Mapping[str, Value]) -> str:
    """The command that re-runs a downloaded notebook by papermill."""
    parts = ["papermill", f"{chapter}.ipynb", "mine.ipynb"]
    for name, value in values.items():
        if isinstance(value, list):
            # Papermill reads lists as YAML only; JSON is YAML.
            parts += ["-y", json.dumps({name: value})]
        else:
            parts += ["-p", name, str(value)]
    return shlex.join(parts)


def _add_box(app: Sphinx, document: nodes.document) -> None:
    chapter = app.env.docname
    executed = app.config.onestep_executed.get(chapter)
    if executed is None or chapter == app.config.root_doc:  # the front page has its own doors
        return
    run = next(run for run in read_record(app.env)["runs"] if run["chapter"] == chapter)
    parameters = read_parameters(load(Path(executed)), chapter)
    title = next(iter(document.findall(nodes.title)), None)
    if title is None:
        return
    section = title.parent
    section.insert(section.index(title) + 1, _box(chapter, run, parameters))


def _box(chapter: str, run: Mapping[str, Any], parameters: Sequence[Parameter]) -> nodes.container:
    values = {each.name: each.default for each in parameters} | run["values"]
    box = nodes.container("", classes=["chapter-box"])
    box += nodes.raw("", _opening(chapter, run["seconds"]), format="html")
    if parameters:
        commands = [make_command(chapter, values), papermill_command(chapter, values)]
        notes = [
            "In a copy of the project; the values are checked before anything starts.",
            "With the downloaded notebook and the installed library; nothing is checked.",
        ]
    else:
        commands = [f"make chapter CHAPTER={chapter}", papermill_command(chapter, {})]
        notes = [
            "In a copy of the project. The chapter has no parameters.",
            "With the downloaded notebook and the installed library.",
        ]
    for note, command in zip(notes, commands, strict=True):
        box += nodes.paragraph("", note)
        box += nodes.literal_block(command, command, language="bash", classes=["chapter-command"])
    if parameters:
        box += table(COLUMNS, [_row(each, values[each.name]) for each in parameters], "parameters")
    box += nodes.raw("", "</details>", format="html")
    return box


def _opening(chapter: str, seconds: float) -> str:
    up = "../" * chapter.count("/")
    name = html.escape(Path(chapter).name)
    source = html.escape(chapter)
    return (
        '<p class="chapter-facts">'
        f'<a href="{up}notebooks/{source}.ipynb" download="{name}.ipynb">Executed notebook</a>'
        f' · <a href="{up}_sources/{source}.md" download="{name}.md">text source</a>'
        f" · ran in {coarse_duration(seconds)}</p>"
        "<details><summary>Run it again, with other parameters</summary>"
    )


def _row(parameter: Parameter, value: Value) -> list[list[nodes.Node]]:
    return [
        [nodes.literal("", parameter.name)],
        [nodes.Text(parameter.type_name)],
        [nodes.Text(parameter.allowed)],
        [nodes.literal("", json.dumps(value, ensure_ascii=False))],
        [nodes.Text(parameter.prose)],
    ]
