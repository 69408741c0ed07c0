"""Numbers as tables show them."""

from onestep import claims
from onestep.studies import tables


def plain(text):
    """With spaces at which a line may be broken."""
    return str(text).replace("\N{NO-BREAK SPACE}", " ")


def test_percent_shows_sign_and_error():
    found = tables.percent(claims.estimate([0.0123, -0.2], 0.0031, 9))
    assert [plain(each) for each in found] == ["+1.2 ± 0.3 %", "-20.0 ± 0.3 %"]
    assert plain(tables.percent(claims.exact(0.5), 2)) == "+50.00 ± 0.00 %"


def test_a_frame_has_a_row_for_each_estimate():
    rows = {("a", 1): claims.exact([0.1, 0.2]), ("b", 2): claims.exact([0.3, 0.4])}
    table = tables.frame(rows, ["x", "y"], 0)
    assert plain(table.loc[("b", 2), "y"]) == "+40 ± 0 %"
    assert tables.frame({"one": claims.exact(0.1)}).shape == (1, 1)
