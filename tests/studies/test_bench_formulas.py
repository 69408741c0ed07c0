import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import onestep
from onestep.experiment import stores
from onestep.studies import __main__ as command
from onestep.studies import archive, bench_formulas, bench_report
from onestep.theory import METHODS

tiny = onestep.Problem(n=60, m=30, k=20)
TWIN = Path(__file__).parents[1] / "protocol.py"


def test_every_method_has_a_target():
    assert set(bench_formulas.TARGETS) == set(METHODS)
    cost = bench_formulas.formula_cost({"one": tiny}, repeats=2)
    assert dict(cost["first"].sizes) == {"setting": 1, "method": 4, "repeat": 2}
    assert float(cost["first"].min()) > 0 and float(cost["product"]) > 0
    told = zip(cost.target.values, cost.point_target.values, strict=True)
    assert dict(zip(cost.method.values, told, strict=True)) == bench_formulas.TARGETS


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
    command.main(["bench", "--keep", "here.nc"])
    assert asked == [(TWIN, [60, 120], None), (None, bench_report.SIZES, Path("here.nc"))]
    assert "--twin tests/protocol.py" in (TWIN.parents[1] / "Makefile").read_text(encoding="utf-8")


def test_what_is_kept_stands_beside_its_targets(tmp_path):
    rows = [
        bench_report._row("cheap", [2.0, 1.0, 3.0], at_most=1.0),
        bench_report._row("dear", [2.0, 4.0], at_most=1.9),
        bench_report._row("fast", [11.9], at_least=12.0),
        bench_report.Row("of no target", 0.7),
    ]
    stores.save(bench_report._dataset(rows), tmp_path / "bench.nc")
    found = bench_report.beside_targets(stores.load(tmp_path / "bench.nc"))
    assert found.loc["cheap"].tolist() == ["1", "2", "at most 1", "yes"]
    assert found.loc["dear"].tolist() == ["2", "3", "at most 1.9", "no"]
    assert found.loc["fast"].tolist() == ["11.9", "11.9", "at least 12", "no"]
    assert found.loc["of no target"].tolist() == ["0.7", "", "", ""]


def test_a_formula_counts_at_its_dearest_setting(monkeypatch):
    """On times that are given: minima over repeats pick the setting, as another program only adds.

    The median setting comes first, a point more counts at its own dearest setting.
    """
    first = [[[90.0, 20.0]], [[30.0, 25.0]], [[10.0, 60.0]]]  # setting, method, repeat
    point = [[[2.0, 9.0]], [[1.0, 8.0]], [[4.0, 3.0]]]
    asked = []

    def cost(problems):
        dims = ("setting", "method", "repeat")
        data = {
            "first": (dims, first),
            "point": (dims, point),
            "target": ("method", [22.0]),
            "point_target": ("method", [5.0]),
            "product": 7.0,
        }
        return xr.Dataset(data, coords={"setting": list(problems), "method": ["scalar"]})

    def alone(problem, method, *, warm):
        asked.append((problem.m, method, warm))
        return {"seconds": 9.0}

    monkeypatch.setattr(bench_report, "formula_cost", cost)
    monkeypatch.setattr(bench_report, "alone", alone)
    problems = {str(m): replace(tiny, m=m) for m in (2, 3, 4)}
    found = [tuple(row) for row in bench_report._formulas(problems)]
    nan = pytest.approx(np.nan, nan_ok=True)
    assert found == [
        ("a product of matrices of order 1000, ms", 7.0, nan, nan, nan),
        ("scalar, median setting, ms", 25.0, 27.5, nan, nan),
        ("scalar, dearest setting, ms", 25.0, 27.5, 22.0, nan),
        ("scalar, the same in a fresh process, ms", 9000.0, nan, nan, nan),
        ("scalar, a point more, ms", 3.0, 3.5, 5.0, nan),
    ]
    assert asked == [(3, "scalar", False)]


def test_the_package_has_all_that_the_benchmark_measures():
    """Every target is in the store that the book shows, with the day on which it was measured."""
    kept = archive.stored("bench")
    told = bench_report.beside_targets(kept)
    of_formulas = [f"{name}, dearest setting, ms" for name in METHODS]
    points = [f"{name}, a point more, ms" for name in METHODS]
    twins = [
        f"times as fast as the plain protocol, k/m = {width:g}"
        for width in bench_report.TWIN_WIDTHS
    ]
    trials = [f"a trial over its products, {which}" for which in ("k/m = 0.1", "all widths")]
    [gain] = [what for what in told.index if what.startswith("trials a minute on")]
    aimed = {*of_formulas, *points, *twins, *trials, gain}
    assert set(told.index[told.target != ""]) == aimed
    assert datetime.date.fromisoformat(kept.attrs["created"]) >= datetime.date(2026, 11, 29)


def test_a_process_alone_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "import json, scipy.linalg; from onestep._support.cores import cores"
    monkeypatch.setattr(bench_formulas, "_ALONE", f"{told}; print(json.dumps([cores(), 0]))")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    assert bench_formulas.alone(onestep.Problem(n=60, m=60, k=60))["seconds"] == 1
