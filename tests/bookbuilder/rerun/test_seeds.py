"""Chapters under many seeds: what is run, kept, resumed and written to the table."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import tiny
from drawing import make_drawing
from tiny import PATIENCE, edited

from bookbuilder.declare.project import Project
from bookbuilder.execute.claim_table import RAISED, read_table
from bookbuilder.pages.seed_rates import chapter_rates


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_drawing(tmp_path_factory.mktemp("seeds") / "book")


def start(project: Project, trace: Path, *arguments: str) -> subprocess.Popen[str]:
    return tiny.start(project, "--jobs", "2", *arguments, TINY_TRACE=str(trace))


def seeds(project: Project, trace: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(project, trace, "seeds", *arguments)
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


def runs(trace: Path) -> list[str]:
    return sorted((trace / "runs").read_text().split("\n")[:-1])


def test_killed_seeds_go_on_and_failing_claims_stop_nothing(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "gate").touch()
    killed = start(project, tmp_path, "seeds", "--count", "3")
    done = [project.runs("parabola") / f"seed={seed}" / "run.json" for seed in (1, 2, 3)]
    done += [project.runs("dice") / f"seed={seed}" / "run.json" for seed in (1, 2)]
    deadline = time.monotonic() + PATIENCE
    while not (all(each.is_file() for each in done) and "dice 3" in runs(tmp_path)):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    every = [f"{chapter} {seed}" for chapter in ("dice", "parabola") for seed in (1, 2, 3)]
    assert runs(tmp_path) == every and not project.seeds.exists()

    (tmp_path / "gate").unlink()
    (tmp_path / "runs").unlink()
    code, output, errors = seeds(project, tmp_path, "--count", "3")
    assert code == 0, errors
    assert runs(tmp_path) == ["dice 3"]  # a run whose claim failed is finished, too
    assert "runs: 1 run, 5 unchanged" in output and str(project.seeds) in output
    assert "parabola: every claim passes at 2 of 3 seeds" in output
    assert "half passes at 2 of 3: below 19 of 20" in output and "fair passes" not in output

    rows = read_table(project.seeds)
    assert [(row.chapter, row.claim, row.seed) for row in rows] == [
        *(("parabola", "half", seed) for seed in (1, 2, 3)),
        *(("dice", "fair", seed) for seed in (1, 2, 3)),
    ]
    last = rows[2]
    assert (last.value, last.standard_error, last.target, last.margin) == (0.8, 0, 0.5, 0.25)
    assert (last.verdict, last.control_value, last.control_verdict) == (
        "different",
        1.5,
        "different",
    )
    assert (last.profile, last.version) == ("quick", "0.1.0")
    assert len({row.code for row in rows}) == 2 and all(len(row.code) == 12 for row in rows)
    assert all(row.date.startswith("20") for row in rows)
    assert str(project.root) not in project.seeds.read_text()
    assert [len(rate.whole) for rate in chapter_rates(rows)] == [2, 3]
    # Only the notebooks are wanted: no page was made, and a grid of the same points makes them.
    assert not (project.runs("parabola") / "seed=1" / "html").exists()


def test_more_seeds_join_and_fewer_take_none_away(project: Project, tmp_path: Path) -> None:
    seeds(project, tmp_path, "--count", "2")
    code, output, _ = seeds(project, tmp_path, "--count", "3", "--chapters", "dice")
    assert code == 0 and "parabola" not in output
    before = project.seeds.read_text()
    assert seeds(project, tmp_path, "--count", "1")[0] == 0
    assert project.seeds.read_text() == before
    (tmp_path / "runs").write_text("")
    assert seeds(project, tmp_path, "--count", "4", "--chapters", "dice")[0] == 0
    assert runs(tmp_path) == ["dice 4"]
    assert [row.seed for row in read_table(project.seeds) if row.chapter == "dice"] == [1, 2, 3, 4]


def test_a_changed_chapter_begins_anew_and_what_raises_counts_against_it(
    project: Project, tmp_path: Path
) -> None:
    assert seeds(project, tmp_path, "--count", "3")[0] == 0
    before = [row for row in read_table(project.seeds) if row.chapter == "parabola"]
    (tmp_path / "broken").touch()
    with edited(project.source("dice"), "# Dice", "# Two dice"):
        code, output, errors = seeds(project, tmp_path, "--count", "2", "--chapters", "dice")
        assert code == 1 and "ZeroDivisionError" in errors and "parameters: seed=2" in errors
        rows = read_table(project.seeds)
        assert [row for row in rows if row.chapter == "parabola"] == before
        dice = [row for row in rows if row.chapter == "dice"]
        assert [(row.claim, row.seed, row.verdict) for row in dice] == [
            ("fair", 1, "equivalent"), ("", 2, RAISED),
        ]  # fmt: skip
        assert "dice: every claim passes at 1 of 2 seeds" in output
        (tmp_path / "broken").unlink()
        code, output, _ = seeds(project, tmp_path, "--count", "2", "--chapters", "dice")
        assert code == 0 and "runs: 1 run, 1 unchanged" in output


def test_a_grid_of_the_same_seeds_makes_the_pages(project: Project, tmp_path: Path) -> None:
    assert seeds(project, tmp_path, "--count", "2", "--chapters", "dice")[0] == 0
    grid = start(project, tmp_path, "chapter", "dice", "seed=1,2")
    output, errors = grid.communicate(timeout=PATIENCE)
    assert grid.returncode == 0, errors
    assert "points: 2 run" in output
    assert (project.runs("dice") / "seed=2" / "html" / "dice.html").is_file()
    _, output, _ = seeds(project, tmp_path, "--count", "2", "--chapters", "dice")
    assert "runs: 0 run, 2 unchanged" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("seeds", "--count=0"), "SEEDS = '0' must be a whole number in [1, 1000]"),
        (("seeds", "--count=-3"), "SEEDS = '-3' must be a whole number in [1, 1000]"),
        (("seeds", "--count=many"), "SEEDS = 'many' must be a whole number in [1, 1000]"),
        (("seeds", "--count="), "SEEDS = '' must be a whole number in [1, 1000]"),
        (("seeds", "--count=2000"), "SEEDS = '2000' must be a whole number in [1, 1000]"),
        (("seeds", "--count=101"), "seed = 101 must lie in [0, 100]"),
        (("seeds", "--chapters=second"), "'second' draws nothing: choose from parabola, dice"),
        (("seeds", "--chapters=nope"), "CHAPTER = 'nope' is not a chapter"),
        (("--seed=1", "seeds"), "and `make seeds` takes SEEDS"),
        (("--seed=-1", "book"), "SEED = '-1' must be a whole number at least 0"),
        (("--seed=abc", "book"), "SEED = 'abc' must be a whole number at least 0"),
        (("--seed=1.5", "book"), "SEED = '1.5' must be a whole number at least 0"),
        (("--seed=²", "book"), "SEED = '²' must be a whole number at least 0"),
        (("--seed=101", "book"), "SEED: chapter 'parabola' refuses it: seed = 101 must lie in"),
        (("--seed=1", "chapter", "dice"), 'a chapter takes P="seed=1"'),
        (("--jobs=abc", "book"), "JOBS = 'abc' must be a whole number at least 1"),
        (("--jobs=0", "book"), "JOBS = '0' must be a whole number at least 1"),
        (("--profile=fast", "seeds"), "PROFILE = 'fast' must be one of quick, full"),
    ],
)
def test_what_is_refused_in_one_line(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    from bookbuilder.cli import main

    assert main(["--root", str(project.root), *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("error: ") and words in told.err
    assert told.err.count("\n") == 1


def test_a_damaged_table_is_named_before_anything_runs(project: Project, tmp_path: Path) -> None:
    project.seeds.parent.mkdir(exist_ok=True)
    good = project.seeds.read_text() if project.seeds.exists() else None
    project.seeds.write_text("chapter,claim\n")
    code, _, errors = seeds(project, tmp_path, "--count", "9")
    assert code == 2 and f"error: {project.seeds}: the first line must be profile," in errors
    assert not (tmp_path / "runs").exists()
    project.seeds.unlink() if good is None else project.seeds.write_text(good)


def test_a_cluster_runs_the_seeds(project: Project, tmp_path: Path, scheduler: str) -> None:
    arguments = ("--count", "6", "--chapters", "dice", "--scheduler", scheduler)
    assert seeds(project, tmp_path, "--count", "4", "--chapters", "dice")[0] == 0
    code, output, errors = seeds(project, tmp_path, *arguments)
    assert code == 0, errors
    assert "runs: 2 run, 4 unchanged" in output
    found = [row.seed for row in read_table(project.seeds) if row.chapter == "dice"]
    assert found == [1, 2, 3, 4, 5, 6]
