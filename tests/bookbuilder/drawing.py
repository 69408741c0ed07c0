"""The tiny book with chapters that draw: what they find depends on their seed."""

from __future__ import annotations

from pathlib import Path

from tiny import make

from bookbuilder.declare.project import Project

SEED = "seed: int = 0            # in [0, 100]: root seed"

# Every run of the code leaves a line; one run waits for ever while its gate is there.
TRACE = """
import os, pathlib, time
here = pathlib.Path(os.environ["TINY_TRACE"])
with (here / "runs").open("a") as runs:
    runs.write(f"NAME {seed}\\n")
while "NAME" == "dice" and seed == 3 and (here / "gate").exists():
    time.sleep(0.05)
"""

DICE = """
```{code-cell} ipython3
:tags: [parameters]
SEED
```

```{code-cell} ipython3
TRACE
if (here / "broken").exists() and seed == 2:
    1 / 0
from tinylib import claims
ledger = claims.Ledger("dice")
ledger.equivalence(
    id="fair", statement="It is fair.", equation="eq-parabola", measured=claims.exact(0),
    margin=1, control=claims.exact(2), control_statement="a loaded one")
```

```{code-cell} ipython3
ledger.settle()
```
"""

REGISTERED = """
[dice.claims.fair]
statement = "It is fair."
equation = "eq-parabola"
target = 0
margin = 1
level = 0.05
control_statement = "a loaded one"
drawn = "nothing."
changed = 2026-01-31
why = "As first stated."
"""


def make_drawing(root: Path) -> Project:
    """The claim of `parabola` fails at the seed 3; no seed moves that of `dice`."""
    project = make(root)
    parabola = project.source("parabola")
    text = parabola.read_text()
    for old, new in (
        ("widths: list = [0.1, 1]", f"{SEED}\nwidths: list = [0.1, 1]"),
        ("measured=claims.exact(alpha),", "measured=claims.exact(alpha + 0.1 * seed),"),
        ("\nprint(points)\n", TRACE.replace("NAME", "parabola") + "print(points)\n"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    parabola.write_text(text)
    header = text[: text.index("# Parabola")].replace("onestep:\n  full: {points: 40}\n", "")
    dice = DICE.replace("SEED", SEED).replace("TRACE", TRACE.replace("NAME", "dice"))
    project.source("dice").write_text(f"{header}# Dice\n{dice}")
    project.toc.write_text(project.toc.read_text() + "- file: dice\n")
    project.registry.write_text(project.registry.read_text() + REGISTERED)
    return project
