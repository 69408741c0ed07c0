"""The command line: ``python -m bookbuilder book``, ``pdf`` and ``chapter NAME``."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from pathlib import Path

from bookbuilder._support.errors import BookError, RenderError
from bookbuilder._support.lock import build_lock
from bookbuilder.declare.profile import Profile, edition, parse_profile, parse_seed
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages
from bookbuilder.execute.execution import execute_book
from bookbuilder.execute.processes import Interrupted, interruptible
from bookbuilder.execute.schedule import default_workers
from bookbuilder.pages.pdf import find_chromium, write_pdf
from bookbuilder.pages.render import render_book
from bookbuilder.rerun.grid import run_grid
from bookbuilder.rerun.points import Point, read_points
from bookbuilder.rerun.rerun import rerun_point
from onestep.claims.rendering import summary

OTHER_VALUES = (
    "These are not the parameters of the book, for which its claims and their margins are stated: "
    "elsewhere a claim may fail without contradicting the theory."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 if all is well, 1 if a chapter, a claim or the rendering failed or the disk takes nothing,
        2 if the command or the project is wrong, 128 + signal number if interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        project = Project(options.root.resolve())
        if not project.toc.is_file():
            raise BookError(f"--root = {options.root} holds no book: {project.toc} does not exist")
        if options.jobs < 1:
            raise BookError(f"JOBS = {options.jobs} must be at least 1")
        with interruptible(), build_lock(project.build):
            if options.command in ("book", "pdf"):
                code = _book(project, options.profile, options.jobs, options.seed)
                return _pdf(project) if code == 0 and options.command == "pdf" else code
            if options.seed:
                raise BookError("SEED is for the whole book; a chapter takes it as P='seed=3'")
            profile = parse_profile(options.profile)
            points = read_points(project, options.chapter, options.values, profile)
            if len(points) == 1 and not options.scheduler:
                return _chapter(project, points[0], profile)
            return _grid(project, points, profile, options.jobs, options.scheduler)
    except RenderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BookError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        print(
            f"error: cannot write {error.filename or project.build}: {error.strerror}",
            file=sys.stderr,
        )
        return 1
    except Interrupted as signal:
        print(f"\ninterrupted ({signal}); no kernel is left running", file=sys.stderr)
        return 128 + signal.number


def _book(project: Project, profile_name: str, workers: int, seed_text: str) -> int:
    profile, seed = parse_profile(profile_name), parse_seed(seed_text)
    runs = execute_book(project, profile, workers, seed)
    failed = [run for run in runs if run.failure]
    for run in failed:
        assert run.failure is not None
        print(f"\n{run.failure.report()}\n  executed so far: {run.notebook}", file=sys.stderr)
    if failed:
        names = ", ".join(run.chapter for run in failed)
        survivors = "; the previous pages are untouched" if project.html.is_dir() else ""
        print(
            f"\n{len(failed)} of {len(runs)} chapters failed: {names}{survivors}", file=sys.stderr
        )
        return 1
    name = edition(profile, seed)
    found, fresh = render_book(project, runs, name)
    kept = sum(run.kept for run in runs)
    print(
        f"chapters: {len(runs) - kept} executed, {kept} unchanged; "
        f"pages {'rendered' if fresh else 'unchanged'}"
    )
    print(summary(found, name))
    print(f"open {(project.html / 'index.html').as_uri()}")
    return 0


def _pdf(project: Project) -> int:
    write_pdf(project.html, pages(project), find_chromium(), project.pdf)
    print(f"open {project.pdf.as_uri()}")
    return 0


def _chapter(project: Project, point: Point, profile: Profile) -> int:
    rerun = rerun_point(project, point, profile)
    if rerun.failure is not None:
        if refusal := point.refusal(rerun.failure):
            raise BookError(refusal)
        print(f"\n{rerun.failure.report()}", file=sys.stderr)
    print(f"notebook {rerun.notebook}")
    if rerun.page is not None:
        print(f"open {rerun.page.as_uri()}")
    if rerun.failure is not None and rerun.failure.claims_only:
        print("the claims of this chapter do not all hold for these values", file=sys.stderr)
        if not point.of_book:
            print(OTHER_VALUES, file=sys.stderr)
    return 0 if rerun.failure is None else 1


def _grid(
    project: Project, points: Sequence[Point], profile: Profile, workers: int, scheduler: str
) -> int:
    grid = run_grid(project, points, profile, workers, scheduler)
    failed = [
        (point, rerun.failure)
        for point, rerun in zip(points, grid.reruns, strict=True)
        if rerun.failure is not None
    ]
    for point, failure in failed:
        short = f"REFUSED {point.label}: {failure.reason}" if point.refusal(failure) else ""
        print(f"\n{short or failure.report()}", file=sys.stderr)
    raised = sum(not failure.claims_only for _, failure in failed)
    if failed:
        print(
            f"\n{raised} of {len(points)} points failed, "
            f"the claims of {len(failed) - raised} do not all hold",
            file=sys.stderr,
        )
        if any(failure.claims_only and not point.of_book for point, failure in failed):
            print(OTHER_VALUES, file=sys.stderr)
    print(f"points: {len(points) - grid.kept} run, {grid.kept} unchanged")
    print(f"open {grid.index.as_uri()}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bookbuilder", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="directory of _toc.yml")
    parser.add_argument("--jobs", type=int, default=default_workers(), help="chapters at a time")
    parser.add_argument("--profile", default="quick", help="quick or full")
    parser.add_argument("--seed", default="", help="of every chapter of the book")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("book", help="execute what changed and render the book")
    commands.add_parser("pdf", help="the same, and all pages in one PDF")
    chapter = commands.add_parser("chapter", help="re-run one chapter with other parameters")
    chapter.add_argument("chapter")
    chapter.add_argument(
        "values",
        nargs="?",
        default="",
        help='such as "alpha=0.3 beta=0.8". Several values, as in "beta=0.2,0.5 '
        'activation=relu,tanh", run every combination and make an index page. A comma inside '
        "brackets belongs to its value: widths=[0.1,20] is one list (so is widths=0.1,20), "
        "widths=[0.1,20],[1] are two",
    )
    chapter.add_argument(
        "--scheduler", default="", help="run on a Dask cluster, such as tcp://127.0.0.1:8786"
    )
    return parser
