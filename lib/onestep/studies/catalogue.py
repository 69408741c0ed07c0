"""Every stored result of the book, by the name under which it is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._support import check
from ..experiment import Study
from . import bench_growth
from .choice import gain_maps, published_trends
from .degree import degree_ladder
from .errors import accuracy, accuracy_ladder, validity
from .images import image_pairs, image_results, low_rank
from .paper import figures, published_draws

_LADDERS: Mapping[str, Study] = {
    "accuracy": accuracy.STUDY,
    "accuracy-ladder": accuracy_ladder.STUDY,
    "degree-ladder": degree_ladder.STUDY,
    "fig8a-low-rank": low_rank.STUDY,
    "gain-map": gain_maps.GAINS,
    "gain-samples": gain_maps.OVER_SAMPLES,
    "growth": bench_growth.STUDY,
    "pairs": image_pairs.STUDY,
    "published-draws": published_draws.STUDY,
    "trends": published_trends.STUDY,
    "validity": validity.STUDY,
}

NAMES = (*figures.FIGURES, *image_results.STUDIES, *_LADDERS)
"""Figures, studies on images, and ladders."""


def studies(name: str, *, profile: str = "quick", trials: int | None = None) -> dict[str, Study]:
    """The studies behind a stored result, one of `NAMES`, by the name of their store.

    One study; of a figure whose published trials share draws also ``NAME-students``. The
    profile ``"full"`` is what comes with the package, ``"quick"`` some points and a few
    repetitions, unless their number is given.

    Examples
    --------
    >>> list(studies("fig1b"))
    ['fig1b', 'fig1b-students']
    """
    name = check.choice("name", name, NAMES)
    profile = check.choice("profile", profile, figures.PROFILES)
    if name in figures.FIGURES:
        parts = figures.studies(name, profile=profile, trials=trials)
        return {name if part == "results" else f"{name}-{part}": parts[part] for part in parts}
    study = _LADDERS[name] if name in _LADDERS else image_results.STUDIES[name].study()
    quick = profile == "quick"
    points = {d: values[:2] if quick else values for d, values in study.points.items()}
    count = trials if trials is not None else 2 if quick else None
    repeats = {d: all_ if count is None else count for d, all_ in study.repeats.items()}
    return {name: replace(study, points=points, repeats=repeats)}
