"""One concept a file: what needs more than 300 lines is two."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_file_is_longer_than_300_lines():
    files = [each for folder in ("lib", "tests") for each in (ROOT / folder).rglob("*.py")]
    lengths = {str(each.relative_to(ROOT)): len(each.read_text().splitlines()) for each in files}
    assert len(lengths) > 300
    assert not {name: length for name, length in lengths.items() if length > 300}
