"""Every public name shows its use, and what it shows is executed.

In its docstring (`--doctest-modules`), or, a study, in a cell of the chapter that it serves.
"""

import ast
import inspect
from pathlib import Path
from types import FunctionType, ModuleType, SimpleNamespace

import onestep
from bookbuilder.declare.notebook import code_cells, read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters

BOOK = Project(Path(__file__).parents[1])

EXEMPT = {
    "onestep.inputs.fashion.load": "reads 30 MB of images, which need not be there",
    "onestep.studies.bench_report.report": "is the command of the benchmark: minutes",
    "onestep.studies.paper.figures.formula": "takes half a minute: 30 limits",
}
"""Names without an example, and why."""


def _members(module):
    """Public names of a module: those that it lists, or else those that it defines."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return {name: getattr(module, name) for name in listed}
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }


def _public(module, seen):
    """Classes and functions of a module and of its public modules, by the names they have there.

    Constants, type aliases among them, explain themselves in the text after them.
    """
    seen.add(module.__name__)
    for name, value in _members(module).items():
        if isinstance(value, ModuleType):
            if value.__name__ not in seen:
                yield from _public(value, seen)
        elif isinstance(value, type | FunctionType):
            yield f"{module.__name__}.{name}", value


def _has_example(value):
    text = inspect.cleandoc(value.__doc__ or "")
    return "\nExamples\n--------\n" in text and ">>> " in text


def _used(code):
    """Full names of what code uses of the modules that it imports."""
    tree, meant = ast.parse(code), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            meant |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    dotted = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    parts = [name.partition(".") for name in dotted]
    return {f"{meant[first]}.{rest}" for first, _, rest in parts if first in meant}


def _in_chapters():
    """What the cells of the book use: the suite executes them."""
    texts = [code_cells(read_chapter(BOOK, chapter)) for chapter in chapters(BOOK)]
    return set().union(*(_used("\n".join(each.source for each in cells)) for cells in texts))


def _shown_in_a_chapter(name):
    return name.startswith("onestep.studies.") and any(
        used == name or used.startswith(f"{name}.") for used in CHAPTERS
    )


PUBLIC = dict(_public(onestep, set()))
CHAPTERS = _in_chapters()


def test_every_public_name_shows_its_use():
    # A section Examples with >>> is missing from the docstrings of these, and no chapter uses them.
    assert not [
        name
        for name, each in PUBLIC.items()
        if not (name in EXEMPT or _has_example(each) or _shown_in_a_chapter(name))
    ]


def test_uses_in_chapters_are_found_by_their_full_names():
    code = "from onestep.studies.step import outliers as o\no.Spectrum.of(1)\nx = [o.counts]"
    names = ("Spectrum", "Spectrum.of", "counts")
    assert _used(code) == {f"onestep.studies.step.outliers.{name}" for name in names}
    assert _shown_in_a_chapter("onestep.studies.paper.figure_plots.width")
    assert not _shown_in_a_chapter("onestep.studies.paper.figure_plots.depth")
    assert not _shown_in_a_chapter("onestep.claims.sample")  # users' names show it themselves


def test_the_walk_reaches_all_rooms():
    modules = {name.rpartition(".")[0] for name in PUBLIC}
    rooms = {each for each in dir(onestep) if isinstance(getattr(onestep, each), ModuleType)}
    assert {f"onestep.{room}" for room in rooms - {"studies"}} <= modules
    assert {
        "onestep.theory.limit",
        "onestep.experiment.stores",
        "onestep.studies.paper.grids",
    } <= modules
    assert len(PUBLIC) > 190


def test_exemptions_are_of_names_that_need_them():
    assert not [
        name
        for name in EXEMPT
        if name not in PUBLIC or _has_example(PUBLIC[name]) or _shown_in_a_chapter(name)
    ]


def test_a_new_name_without_an_example_is_found():
    def told():
        """Told, not shown."""

    def shown():
        """Shown.

        Examples
        --------
        >>> 1 + 1
        2
        """

    module = ModuleType("onestep.new")
    vars(module).update(__all__=["told", "shown", "CONSTANT"], told=told, shown=shown, CONSTANT=1)
    found = {name: _has_example(value) for name, value in _public(module, set())}
    assert found == {"onestep.new.told": False, "onestep.new.shown": True}
    assert not _has_example(SimpleNamespace(__doc__=None))
