"""The command line: ``python -m bookbuilder book``, ``pdf``, ``chapter NAME`` and ``seeds``."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from pathlib import Path

from bookbuilder._support.errors import BookError, RenderError
from bookbuilder._support.lock import build_lock
from bookbuilder.declare.profile import Profile, edition_words, parse_profile
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages
from bookbuilder.execute.execution import execute_book
from bookbuilder.execute.processes import Interrupted, interruptible
from bookbuilder.execute.schedule import default_workers
from bookbuilder.pages.render import render_book
from bookbuilder.pages.seed_rates import chapter_rates
from bookbuilder.rerun.grid import run_grid
from bookbuilder.rerun.points import Point, read_points
from bookbuilder.rerun.rerun import rerun_point
from bookbuilder.rerun.seeds import run_seeds
from onestep.claims.rendering import summary

OTHER_VALUES = (
    "These are not the parameters of the book, for which its claims and their margins are stated: "
    "elsewhere a claim may fail without contradicting the theory."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0: all is well; 1: a chapter, a claim, the rendering or the disk failed; 2: the command or the
    project is wrong; 128 + signal number: interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        project = Project(options.root.resolve())
        if not project.toc.is_file():
            raise BookError(f"--root = {options.root} holds no book: {project.toc} does not exist")
        jobs = _whole_number("JOBS", options.jobs, 1)
        seed = None if options.seed is None else _whole_number("SEED", options.seed, 0)
        if seed is not None and options.command not in ("book", "pdf"):
            raise BookError(
                f"SEED = {seed} is for `make book` and `make pdf`; "
                f'a chapter takes P="seed={seed}", and `make seeds` takes SEEDS'
            )
        with interruptible(), build_lock(project.build):
            if options.command in ("book", "pdf"):
                code = _book(project, options.profile, jobs, seed)
                return _pdf(project) if code == 0 and options.command == "pdf" else code
            profile = parse_profile(options.profile)
            if options.command == "seeds":
                count = _whole_number("SEEDS", options.count, 1, 1000)
                names = options.chapters.split()
                return _seeds(project, count, names, profile, jobs, options.scheduler)
            points = read_points(project, options.chapter, options.values, profile)
            if len(points) == 1 and not options.scheduler:
                return _chapter(project, points[0], profile)
            return _grid(project, points, profile, jobs, options.scheduler)
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


def _whole_number(name: str, text: str, least: int, most: int | None = None) -> int:
    """The number that a reader typed; no sign and no other digits than 0 to 9."""
    allowed = f"at least {least}" if most is None else f"in [{least}, {most}]"
    fits = text.isascii() and text.isdigit() and len(text) < 20
    if not fits or int(text) < least or (most is not None and int(text) > most):
        raise BookError(f"{name} = {text!r} must be a whole number {allowed}")
    return int(text)


def _book(project: Project, profile_name: str, workers: int, seed: int | None) -> int:
    profile = parse_profile(profile_name)
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
    found, fresh = render_book(project, runs, profile, seed)
    kept = sum(run.kept for run in runs)
    print(
        f"chapters: {len(runs) - kept} executed, {kept} unchanged; "
        f"pages {'rendered' if fresh else 'unchanged'}"
    )
    print(summary(found, edition_words(profile, seed)))
    print(f"open {(project.html / 'index.html').as_uri()}")
    return 0


def _pdf(project: Project) -> int:
    # Here, because nothing else needs what drives a browser.
    from bookbuilder.pages.pdf import find_chromium, write_pdf

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


def _seeds(
    project: Project,
    count: int,
    names: Sequence[str],
    profile: Profile,
    workers: int,
    scheduler: str,
) -> int:
    seeds = run_seeds(project, count, names, profile, workers, scheduler)
    for failure in seeds.raised:
        print(f"\n{failure.report()}", file=sys.stderr)
    for chapter in chapter_rates(seeds.rows):
        print(f"{chapter.chapter}: every claim passes at {len(chapter.whole)} of {count} seeds")
        for claim in chapter.claims:
            if not claim.enough:
                print(f"  {claim.claim} passes at {claim.passed} of {count}: below 19 of 20")
    print(f"runs: {seeds.runs - seeds.kept} run, {seeds.kept} unchanged")
    print(f"wrote {project.seeds}; `make book` shows it on the page Seeds")
    return 1 if seeds.raised else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bookbuilder", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="directory of _toc.yml")
    parser.add_argument("--jobs", default=str(default_workers()), help="chapters at a time")
    parser.add_argument("--seed", help="of every chapter that draws anything, for book and pdf")
    parser.add_argument("--profile", default="quick", help="quick or full")
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
    seeds = commands.add_parser("seeds", help="run what draws anything under other seeds")
    seeds.add_argument("--count", default="20", help="how many seeds: 1, 2, ...")
    seeds.add_argument("--chapters", default="", help="only these, with spaces between")
    for each in (chapter, seeds):
        each.add_argument(
            "--scheduler", default="", help="run on a Dask cluster, such as tcp://127.0.0.1:8786"
        )
    return parser
