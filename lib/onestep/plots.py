"""House style: figures that follow the page from light to dark, with a text alternative.

A figure is shown as inline SVG whose ink is ``currentColor``, the colour of the surrounding text.
Data colours keep a contrast of at least 3:1 against the light and the dark page and differ for
colour-blind readers; lines and markers differ in shape as well.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from typing import Any, Protocol

import matplotlib.style
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

INK = "#010203"
"""Colour that becomes the colour of the surrounding text when the figure is written."""

CYCLE = ("#1f5ff0", "#d87818", "#22a56a", "#c45ad6", "#846024", "#6c6c78")
"""Data colours, in the order of matplotlib's cycle."""

COLOURS = {"relu": CYCLE[0], "tanh": CYCLE[1], "sigmoid": CYCLE[2]}
"""Colour of each activation of the paper, the same in every figure of the book."""

MARKERS = {"relu": "o", "tanh": "s", "sigmoid": "^"}
"""Marker of each activation of the paper, the same in every figure of the book."""

STYLE: dict[str, Any] = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "font.size": 10,
    "grid.alpha": 0.18,
    "grid.color": INK,
    "legend.edgecolor": "none",
    "legend.facecolor": "none",
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "svg.hashsalt": "onestep",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
"""matplotlib settings of the house style."""


class _Measurement(Protocol):
    """Values with standard errors, such as `onestep.claims.Estimate`."""

    @property
    def value(self) -> Any:
        """The values."""

    @property
    def standard_error(self) -> Any:
        """One for each of them."""


def subplots(
    rows: int = 1, columns: int = 1, *, width: float = 7.2, height: float = 3.4, **options: Any
) -> tuple[Figure, Any]:
    """Figure and axes in the house style; `options` as in `matplotlib.figure.Figure.subplots`.

    Parameters
    ----------
    rows, columns
        Number of panels.
    width, height
        Size of the whole figure in inches.

    Returns
    -------
    tuple
        The figure and one `Axes`, or an array of them when there are several panels.

    Examples
    --------
    >>> figure, axes = subplots(1, 2, width=6.0)
    >>> axes.shape, float(figure.get_figwidth())
    ((2,), 6.0)
    """
    matplotlib.style.use(["default", STYLE])  # whatever a reader's own matplotlibrc says
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def label_panels(axes: Any) -> None:
    """Letter the panels of one figure, at most 16: (a), (b), … in front of their titles.

    Examples
    --------
    >>> _, axes = subplots(1, 2)
    >>> label_panels(axes)
    >>> [panel.get_title(loc="left") for panel in axes]
    ['(a) ', '(b) ']
    """
    for letter, axis in zip("abcdefghijklmnop", axes.flat, strict=False):
        assert isinstance(axis, Axes)
        title = axis.get_title()
        axis.set_title("")
        axis.set_title(f"({letter}) {title}", loc="left")


def label_sizes(axis: Axes, sizes: ArrayLike) -> None:
    """Logarithmic abscissa whose only ticks are the sizes of a ladder, in plain digits.

    Examples
    --------
    >>> _, axis = subplots()
    >>> label_sizes(axis, [100, 1000])
    >>> [label.get_text() for label in axis.get_xticklabels()]
    ['100', '1000']
    """
    axis.set_xscale("log")
    ticks = np.asarray(sizes).tolist()
    axis.set_xticks(ticks, [f"{size:g}" for size in ticks])
    axis.minorticks_off()


def measured(
    axis: Axes, x: Any, estimate: _Measurement, activation: str = "", **options: Any
) -> None:
    """Markers with standard errors.

    Parameters
    ----------
    axis
        Where.
    x
        Abscissae, of the shape of the estimate.
    estimate
        As `onestep.claims.Estimate`.
    activation
        One of the paper's is drawn with its own colour and marker, and labelled.
    options
        Of `matplotlib.axes.Axes.errorbar`, over all this.

    Examples
    --------
    >>> from onestep import claims
    >>> _, axis = subplots()
    >>> measured(axis, [1, 2], claims.sample([[1.0, 1.2], [2.0, 2.2]]), "relu")
    >>> axis.get_legend_handles_labels()[1]
    ['relu']
    """
    style: dict[str, Any] = {"fmt": MARKERS.get(activation, "o"), "capsize": 2}
    if activation in COLOURS:
        style |= {"color": COLOURS[activation], "label": activation}
    axis.errorbar(x, estimate.value, estimate.standard_error, **{**style, **options})


def legend_below(figure: Figure, axis: Axes, columns: int, **options: Any) -> None:
    """The legend of one panel, below all panels.

    Examples
    --------
    >>> figure, axis = subplots()
    >>> _ = axis.plot([0, 1], label="a line")
    >>> legend_below(figure, axis, columns=1)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['a line']
    """
    handles = axis.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=columns, **options)


class Picture:
    """A finished figure as inline SVG with its text alternative; made by `show`.

    Examples
    --------
    >>> str(Picture("<svg></svg>", "A straight line."))
    'A straight line.'
    """

    def __init__(self, svg: str, alt: str) -> None:
        self.svg = svg
        self.alt = alt

    def __str__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        box = f'<div class="onestep-figure" tabindex="0">{self.svg}</div>'
        return {"text/html": box, "text/plain": f"[figure: {self.alt}]"}


def show(figure: Figure, *, alt: str) -> Picture:
    """Finish a figure for the page: the last expression of a cell.

    Parameters
    ----------
    figure
        From `subplots`.
    alt
        What the figure shows, for a reader who cannot see it; one or two sentences.

    Raises
    ------
    ValueError
        If `alt` is shorter than 20 characters: that describes nothing.

    Examples
    --------
    >>> figure, axis = subplots()
    >>> _ = axis.plot([0, 1], [0, 1])
    >>> picture = show(figure, alt="A straight line from zero to one.")
    >>> str(picture), picture.svg.startswith('<svg role="img"')
    ('A straight line from zero to one.', True)
    """
    if len(alt.strip()) < 20:
        raise ValueError(f"alt = {alt!r} must describe the figure in at least 20 characters")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return Picture(_inline(buffer.getvalue(), alt), alt)


def _inline(document: str, alt: str) -> str:
    """Turn matplotlib's SVG document into an element that many pages can hold side by side."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # A <style> element would apply to the whole page: its two properties go to the root instead.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    # Equal images, as of two colour bars, have equal ids, and nothing refers to them.
    svg = re.sub(r'(<image\b[^>]*?) id="image[0-9a-f]+"', r"\1", svg)
    root = 'stroke-linejoin="round" stroke-linecap="butt"'
    svg = svg.replace(INK, "currentColor")
    # Ids are unique within a figure only; a page holds several figures.
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    label = html.escape(" ".join(alt.split()))
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" {root} ', 1)
