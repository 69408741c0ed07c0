import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from onestep import claims, plots

ALT = "A line that rises from one to three."


def figure():
    fig, ax = plots.subplots()
    ax.plot([1, 2, 3], label="line")
    ax.legend()
    return fig


def test_a_figure_is_an_accessible_svg_in_the_colour_of_the_text():
    picture = plots.show(figure(), alt=ALT)
    root = ElementTree.fromstring(picture.svg)
    assert root.attrib["aria-label"] == ALT
    assert root.attrib["role"] == "img"
    assert "currentColor" in picture.svg
    assert plots.INK not in picture.svg
    assert "<style" not in picture.svg


def test_every_reference_inside_the_svg_resolves():
    svg = plots.show(figure(), alt=ALT).svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    references = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
    assert references
    assert set(references) <= set(ids)


def test_figures_are_reproducible_to_the_byte():
    assert plots.show(figure(), alt=ALT).svg == plots.show(figure(), alt=ALT).svg


def test_figures_on_one_page_share_no_id():
    one, two = figure(), figure()
    two.axes[0].set_title("other")
    first, second = (re.findall(r'\bid="([^"]+)"', plots.show(f, alt=ALT).svg) for f in (one, two))
    assert not set(first) & set(second)


def test_equal_images_share_no_id():
    fig, axes = plots.subplots(1, 2)
    for ax in axes:
        fig.colorbar(ax.imshow(np.eye(3)), ax=ax)
    ids = re.findall(r'\bid="([^"]+)"', plots.show(fig, alt=ALT).svg)
    assert len(ids) == len(set(ids))


def test_alt_text_is_escaped_and_required():
    alt = 'Error "bars" & lines < 3, a long text.'
    assert ElementTree.fromstring(plots.show(figure(), alt=alt).svg).attrib["aria-label"] == alt
    with pytest.raises(ValueError, match="alt"):
        plots.show(figure(), alt="plot")


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return TO_XYZ[1] @ linear(colour)


TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]  # sRGB, D65
)
# Sight without one kind of cone, in linear sRGB: Machado, Oliveira and Fernandes (2009).
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [
        [0.3673, 0.8606, -0.2280],
        [0.2801, 0.6725, 0.0474],
        [-0.0118, 0.0429, 0.9689],
    ],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


def lab(colour, sight):
    """CIE L*a*b* of a colour as that reader sees it."""
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear(colour), 0, 1)
    xyz = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# A difference of 2 is just seen side by side; thin lines need many times that.
@pytest.mark.parametrize("sight", SIGHT)
def test_data_colours_differ_for_every_reader(sight):
    for one, two in itertools.combinations(plots.CYCLE, 2):
        assert np.linalg.norm(lab(one, sight) - lab(two, sight)) > 20, (one, two)


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
@pytest.mark.parametrize("colour", plots.CYCLE)
def test_data_colours_stand_out_on_both_pages(colour, page):
    low, high = sorted((luminance(colour), luminance(page)))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_measured_points_have_the_look_of_their_activation():
    figure, axis = plots.subplots()
    plots.measured(axis, [1, 2], claims.sample([[1.0, 2.0], [3.0, 5.0]]), "tanh")
    plots.measured(axis, [1, 2], claims.exact([0.0, 1.0]), fmt="^", label="other")
    line, other = (container.lines[0] for container in axis.containers)
    assert line.get_color() == plots.COLOURS["tanh"] and line.get_marker() == plots.MARKERS["tanh"]
    assert list(line.get_ydata()) == [1.5, 4.0] and other.get_marker() == "^"
    plots.legend_below(figure, axis, 2)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["tanh", "other"]
