import re
from xml.etree import ElementTree

import pytest

from onestep import plots

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


def test_alt_text_is_escaped_and_required():
    alt = 'Error "bars" & lines < 3, a long text.'
    assert ElementTree.fromstring(plots.show(figure(), alt=alt).svg).attrib["aria-label"] == alt
    with pytest.raises(ValueError, match="alt"):
        plots.show(figure(), alt="plot")


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
@pytest.mark.parametrize("colour", plots.CYCLE)
def test_data_colours_stand_out_on_both_pages(colour, page):
    low, high = sorted((luminance(colour), luminance(page)))
    assert (high + 0.05) / (low + 0.05) >= 3
