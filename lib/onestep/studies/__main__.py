"""Command line of the studies: stored results computed anew, and the benchmark."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..experiment import fill, stores
from . import bench_report, catalogue
from .paper import figures


def main(arguments: list[str] | None = None) -> None:
    """Run ``python -m onestep.studies``."""
    parser = argparse.ArgumentParser(prog="python -m onestep.studies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sweep = commands.add_parser("sweep", help="compute stored results anew, resumably")
    sweep.add_argument("names", nargs="+", help=f"all, or of {', '.join(catalogue.NAMES)}")
    sweep.add_argument("--profile", choices=figures.PROFILES, default="quick")
    sweep.add_argument("--trials", type=int, help="repetitions; by default, of the profile")
    sweep.add_argument("--processes", type=int, default=2)
    sweep.add_argument("--formula", action="store_true", help="the curves by formula instead")
    sweep.add_argument("--folder", type=Path, default=Path("_build/studies"))
    measured = commands.add_parser("bench", help="costs of trials and formulas beside targets")
    measured.add_argument("--twin", type=Path, help="file with the plain protocol to compare with")
    measured.add_argument("--growth", type=_sizes, default=bench_report.SIZES)
    measured.add_argument("--keep", type=Path, help="file for what is measured beside targets")
    given = parser.parse_args(arguments)
    if given.command == "bench":
        bench_report.report(given.twin, given.growth, given.keep)
        return
    names = catalogue.NAMES if given.names == ["all"] else given.names
    for name in names:
        if name not in catalogue.NAMES:
            parser.error(f"{name!r} is not allowed: all, or one of {', '.join(catalogue.NAMES)}")
    refused = []
    for name in names:
        try:
            _compute(name, given)
        except (ValueError, BlockingIOError) as error:  # one line, no traceback; others go on
            refused.append(f"{name}: {error}")
    if refused:
        parser.error("; ".join(refused))


def _sizes(text: str) -> list[int]:
    """Increasing sizes, given as ``500,1000``."""
    return [int(part) for part in text.split(",")]


def _compute(name: str, given: argparse.Namespace) -> None:
    folder = given.folder / given.profile
    if given.formula:
        if name in figures.FIGURES:
            path = folder / f"{name}-formula.nc"
            stores.save(figures.formula(name), path)
            print(f"formula in {path}")
        return
    studies = catalogue.studies(name, profile=given.profile, trials=given.trials)
    for part, study in studies.items():
        path = folder / f"{part}.nc"
        fill(study, path, processes=given.processes, progress=True)
        print(f"results in {path}")


if __name__ == "__main__":
    main()
