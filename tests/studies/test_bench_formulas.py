from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import onestep
from onestep.studies import __main__ as command
from onestep.studies import bench_formulas, bench_report
from onestep.theory import METHODS

tiny = onestep.Problem(n=60, m=30, k=20)
TWIN = Path(__file__).parents[1] / "protocol.py"


def test_every_method_has_a_target():
    assert set(bench_formulas.TARGETS) == set(METHODS)
    cost = bench_formulas.formula_cost({"one": tiny}, repeats=2)
    assert dict(cost["first"].sizes) == {"setting": 1, "method": 4, "repeat": 2}
    assert float(cost["first"].min()) > 0 and float(cost["product"]) > 0


def test_the_table_shows_the_slowest_setting_at_its_best():
    cost = bench_formulas.formula_cost({"a": tiny, "b": tiny}, ["scalar"], repeats=2)
    cost["first"].values[:] = np.array([[[70.0, 80.0]], [[20.0, 10.0]]])
    row = bench_formulas.formula_table(cost).loc["scalar"]
    assert row["slowest ms"] == 70.0 and row["median ms"] == 40.0 and row["target ms"] == 50.0


def test_peak_memory_counts_the_features_but_no_matrix_of_all_pairs():
    """At k = 5000 a k x k matrix would take 200 MB; a feature matrix of m = 1000 takes 40 MB."""
    narrow = onestep.Problem(n=30, m=30, k=20, activation="identity")
    wide = replace(narrow, k=5000)
    smallest, without_pairs, with_features = (
        bench_formulas.alone(problem)["bytes"] for problem in (narrow, wide, replace(wide, m=1000))
    )
    assert without_pairs < smallest + 100e6
    assert with_features > without_pairs + 40e6


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match="methods"):
        bench_formulas.formula_cost({"one": tiny}, ["exact"])
    with pytest.raises(ValueError, match="what"):
        bench_formulas.alone(tiny, "sweep")


def test_the_command_finds_the_twin_and_the_sizes(monkeypatch):
    """What `make bench` hands over: the file in the tests, and GROWTH."""
    asked = []
    monkeypatch.setattr(bench_report, "report", lambda *given: asked.append(given))
    command.main(["bench", "--twin", str(TWIN), "--growth", "60,120"])
    command.main(["bench"])
    assert asked == [(TWIN, [60, 120]), (None, bench_report.SIZES)]
    assert "--twin tests/protocol.py" in (TWIN.parents[1] / "Makefile").read_text(encoding="utf-8")


def test_a_process_alone_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "import json, scipy.linalg; from onestep._support.cores import cores"
    monkeypatch.setattr(bench_formulas, "_ALONE", f"{told}; print(json.dumps([cores(), 0]))")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    assert bench_formulas.alone(onestep.Problem(n=60, m=60, k=60))["seconds"] == 1
