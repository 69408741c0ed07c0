import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

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
        ("of no target", 0.7, np.nan, np.nan, np.nan),
    ]
    stores.save(bench_report._dataset(rows), tmp_path / "bench.nc")
    found = bench_report.beside_targets(stores.load(tmp_path / "bench.nc"))
    assert found.loc["cheap"].tolist() == ["1", "2", "at most 1", "yes"]
    assert found.loc["dear"].tolist() == ["2", "3", "at most 1.9", "no"]
    assert found.loc["fast"].tolist() == ["11.9", "11.9", "at least 12", "no"]
    assert found.loc["of no target"].tolist() == ["0.7", "", "", ""]


def test_a_formula_counts_at_its_dearest_setting(monkeypatch):
    monkeypatch.setattr(bench_report, "alone", lambda *given, **how: {"seconds": 9.0})
    problems = {"small": tiny, "large": replace(tiny, n=300, k=300)}
    found = {row[0]: row for row in bench_report._formulas(problems)}
    for name in METHODS:
        usual, dearest, cold, point = (
            found[f"{name}, {what}, ms"]
            for what in (
                "median setting",
                "dearest setting",
                "the same in a fresh process",
                "a point more",
            )
        )
        assert 0 < usual[1] <= dearest[1] and point[1] < dearest[1] and cold[1] == 9000
        assert (dearest[3], point[3]) == bench_formulas.TARGETS[name]


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
