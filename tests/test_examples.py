"""Every public name shows its use; pytest executes what it shows (`--doctest-modules`)."""

import inspect
from types import FunctionType, ModuleType, SimpleNamespace

import onestep

EXEMPT = {
    "onestep.inputs.fashion.load": "reads 30 MB of images, which need not be there",
    "onestep.studies.bench_report.report": "is the command of the benchmark: minutes",
    "onestep.studies.degree.boundary_ladders.of_store": "takes half a minute: 36 limits",
    "onestep.studies.errors.accuracy_tables.costs": "takes a minute: times every formula",
    "onestep.studies.paper.figures.compute": "takes minutes: a figure",
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


PUBLIC = dict(_public(onestep, set()))


def test_every_public_name_shows_its_use():
    # A section Examples with >>> is missing from the docstrings of these.
    assert not [name for name, each in PUBLIC.items() if not (name in EXEMPT or _has_example(each))]


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
    assert not [name for name in EXEMPT if name not in PUBLIC or _has_example(PUBLIC[name])]


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
