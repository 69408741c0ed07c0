"""The block on a layer trained in PyTorch: the lines without torch, with weights from NumPy."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np

import onestep
from bookbuilder.declare.project import Project

BOOK = Project(Path(__file__).resolve().parents[2])
OF_TORCH = {"torch", "net", "optimiser"}


def block() -> list[ast.stmt]:
    """Statements of the one block of the chapter that is shown and not run."""
    text = BOOK.source("after-the-first-step").read_text(encoding="utf-8")
    [code] = [c for c in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S) if "torch" in c]
    return ast.parse(code).body


def needs_torch(statement: ast.stmt) -> bool:
    """Whether a statement names what PyTorch made."""
    return any(isinstance(n, ast.Name) and n.id in OF_TORCH for n in ast.walk(statement))


def run(statements: list[ast.stmt], names: dict[str, Any]) -> None:
    """Execute statements among the names."""
    exec(compile(ast.Module(statements, []), "block", "exec"), names)


def test_what_surrounds_the_training_runs_with_a_layer_of_the_shape_it_names(capsys: Any) -> None:
    first, *rest = block()
    assert ast.unparse(first) == "import numpy as np, onestep, torch"
    torch = [i for i, each in enumerate(rest) if needs_torch(each)]
    before, training, after = (
        rest[: torch[0]],
        rest[torch[0] : torch[-1] + 1],
        rest[torch[-1] + 1 :],
    )
    assert len(before) == 2 and len(training) == len(torch) and len(after) == 4
    names: dict[str, Any] = {"np": np, "onestep": onestep}
    run(before, names)
    X, c, width = names["X"], names["c"], 100
    assert f"Linear(data.n, {width}, bias=False)" in ast.unparse(training[0])
    assert ast.unparse(training[-1]).startswith("F = net[0].weight")

    # Some gradient steps in NumPy, of a layer of torch's shape, (out, in).
    rng = np.random.default_rng(0)
    F, w = rng.standard_normal((width, X.shape[1])) / 8, rng.standard_normal((10, width)) / 10
    for _ in range(10):
        Z = np.tanh(X @ F.T)
        error = np.eye(10)[c] - Z @ w.T
        F = F + 0.5 * ((error @ w) * (1 - Z**2)).T @ X / len(X)
    names["F"] = F
    run(after, names)
    formula, measured = map(float, capsys.readouterr().out.split())
    assert names["own"].layer.k == width and abs(formula / measured - 1) < 0.2
