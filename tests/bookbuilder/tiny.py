"""A tiny book in a temporary directory, with the configuration of the real one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bookbuilder.declare.project import Project

ROOT = Path(__file__).resolve().parents[2]

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
onestep:
  full: {points: 40}
---
"""

PARABOLA = """# Parabola

```{math}
:label: eq-parabola
y = \\alpha x^2
```

```{code-cell} ipython3
:tags: [parameters]
alpha: float = 0.5       # in [0, 1]: steepness
points: int = 20         # in [2, 1000]: points of the curve
shape: str = "round"     # in {round, square}: shape
widths: list = [0.1, 1]  # each in (0, 10]: widths
```

Compare {numref}`fig-line` and {doc}`second`.

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-parabola
    caption: |
      A line, $y = \\alpha x$.
---
from IPython.display import HTML
from tinylib import NAME

HTML('<div class="onestep-figure"><svg role="img" aria-label="A line that rises."'
     ' width="300" height="99"><line y1="90" x2="290" stroke="currentColor"/></svg></div>')
```

```{code-cell} ipython3
from tinylib import claims

ledger = claims.Ledger("parabola")
ledger.equivalence(
    id="half", statement="The curve at one is a half.", equation="eq-parabola",
    measured=claims.exact(alpha), target=0.5, margin=0.25,
    control=claims.exact(alpha + 1), control_statement="moved up by one")
```

```{code-cell} ipython3
print(points)
```

```{code-cell} ipython3
ledger.settle()
```
"""

SECOND = """# Second

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-line
    caption: Another line.
---
from IPython.display import HTML

HTML('<svg role="img" aria-label="A short line." width="9" height="9"><line x2="9" y2="9"/></svg>')
```

```{code-cell} ipython3
threads = __import__("os").environ["OMP_NUM_THREADS"]
print("threads", threads)
```
"""

INTRO = """# Tiny book

```{claims-summary}
```

See {doc}`parabola`, {numref}`fig-parabola`, {eq}`eq-parabola`.
"""

LEDGER = """# Ledger

```{claims-full}
```

```{claims-table}
```

```{claims-changed}
```

```{build-info}
```
"""

REGISTRY = """
[parabola.planned]
quick = {alpha = 0.5, points = 20, shape = "round", widths = [0.1, 1.0]}
full = {points = 40}

[parabola.claims.half]
statement = "The curve at one is a half."
equation = "eq-parabola"
target = 0.5
margin = 0.25
level = 0.05
control_statement = "moved up by one"
drawn = "nothing."
changed = 2026-01-31
why = "Half of a half."
was = "0.2"
"""


def make(root: Path) -> Project:
    """Write the tiny book: two chapters, a front page, a ledger, and a library of one module.

    And its registry.
    """
    project = Project(root)
    (root / "lib" / "tinylib").mkdir(parents=True)
    (root / "lib" / "tinylib" / "__init__.py").write_text("NAME = 'tiny'\n")
    # The real claims, without the time that the rest of the real library takes to import.
    shutil.copytree(ROOT / "lib" / "onestep" / "claims", root / "lib" / "tinylib" / "claims")
    project.book.mkdir()
    shutil.copy(ROOT / "_config.yml", project.config)
    shutil.copytree(ROOT / "book" / "_web", project.book / "_web")
    project.lock.write_text("")
    project.toc.write_text(
        "format: jb-book\nroot: intro\noptions: {numbered: true}\n"
        "chapters:\n- file: parabola\n- file: second\n- file: ledger\n"
    )
    (project.book / "references.bib").write_text("")
    project.registry.parent.mkdir()
    project.registry.write_text(REGISTRY)
    project.source("intro").write_text(INTRO)
    project.source("ledger").write_text(LEDGER)
    project.source("parabola").write_text(HEADER + PARABOLA)
    project.source("second").write_text(
        HEADER.replace("onestep:\n  full: {points: 40}\n", "") + SECOND
    )
    return project


def environment(project: Project) -> dict[str, str]:
    """Environment in which the tiny book's library and this builder can be imported."""
    return {**os.environ, "PYTHONPATH": f"{project.lib}{os.pathsep}{ROOT / 'lib'}"}


def command(project: Project, *arguments: str) -> list[str]:
    """The builder's command line for the tiny book."""
    return [sys.executable, "-m", "bookbuilder", "--root", str(project.root), *arguments]


STARTED: list[subprocess.Popen[Any]] = []
"""Builders that a test has not waited for: they end with the test, however it ends."""

PATIENCE = 300
"""Seconds that a test waits for a builder before it calls it hung: a busy machine is no fault."""


def start(project: Project, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start the builder, with its output in pipes, and go on."""
    process = subprocess.Popen(
        command(project, *arguments),
        env={**environment(project), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


def build(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the builder to its end."""
    return subprocess.run(
        command(project, *arguments),
        env=environment(project),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextlib.contextmanager
def edited(path: Path, old: str, new: str) -> Iterator[None]:
    """Within: a text that occurs exactly once is replaced."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    try:
        yield
    finally:
        path.write_text(text)
