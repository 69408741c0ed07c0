"""A number of a claim in the middle of a sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bookbuilder.pages.sphinx_extension import ledger
from records import claim


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """What the role makes of a text, where one claim was tested."""
    record = claim(value=-0.05, standard_error=0.03, largest=0.1, largest_standard_error=0.03,
                   control_value=1.0, control_standard_error=0.3)  # fmt: skip
    monkeypatch.setattr(ledger, "read_record", lambda env: {"claims": [record]})
    builder = SimpleNamespace(get_relative_uri=lambda here, there: f"{there}.html")
    env = SimpleNamespace(app=SimpleNamespace(builder=builder), docname="intro")

    def run(text: str) -> str:
        role = ledger.ClaimNumber()
        settings = SimpleNamespace(env=env)
        role.inliner = SimpleNamespace(document=SimpleNamespace(settings=settings))  # type: ignore
        role.text = text
        [node], _ = role.run()
        return node.astext().replace("\N{NO-BREAK SPACE}", " ")

    return run


def test_prose_tells_the_largest_deviation_and_not_the_entry_nearest_to_failing(shown) -> None:  # type: ignore[no-untyped-def]
    name = f"{claim()['chapter']}/{claim()['id']}"
    assert shown(name) == "0.10 ± 0.03"
    assert shown(f"{name} %") == "10 ± 3 %"
    assert shown(f"{name} control") == "1.0 ± 0.3"
