"""What is loaded, and when: counted in modules, as seconds differ between machines."""

import os
import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "sympy", "matplotlib", "pandas", "xarray")
UNUSED = ("scipy.stats", "scipy.interpolate", "tqdm", "pooch", "requests")


@pytest.mark.parametrize(
    ("code", "without"),
    [
        ("import onestep", HEAVY),
        (
            "import onestep; onestep.hermite.coefficients('relu', 3)",
            ("matplotlib", "pandas", "xarray", *UNUSED),
        ),
        # sympy loads its own plotting, which loads no matplotlib.
        ("import onestep; onestep.simulate", ("matplotlib", "scipy.stats", "scipy.interpolate")),
        ("import onestep; onestep.claims.exact(0.5)", ("matplotlib", "sympy", "scipy.stats")),
    ],
)
def test_what_is_not_used_is_not_loaded(code, without):
    assert not _loaded(code) & set(without)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("onestep.hermite.quasi_random(2, 4)", "scipy.stats"),
        ("onestep.plots.subplots()", "matplotlib"),
    ],
)
def test_what_is_used_is_loaded_then(code, part):
    assert part not in _loaded("import onestep; onestep.hermite.gauss(3)")
    assert part in _loaded(f"import onestep; {code}")


def _loaded(code):
    """Modules that a fresh interpreter has after the code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())
