"""What the README and the chapters show runs in a file and in a notebook alike."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from bookbuilder.declare.notebook import code_cells, read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters

ROOT = Path(__file__).parents[1]
BOOK = Project(ROOT)
SHORT = {"n=1000, m=1000, k=1000": "n=60, m=60, k=60", "trials=20": "trials=2"}
QUICK = ("intro", "setting", "explorer", "using")


def blocks(file: str) -> list[str]:
    """Python code of a text, at small sizes."""
    found = re.findall(r"^```python\n(.*?)^```$", (ROOT / file).read_text("utf-8"), re.M | re.S)
    for long, short in SHORT.items():
        found = [block.replace(long, short) for block in found]
    return found


def run_as_file(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code as people run a script."""
    (folder / "mine.py").write_text(code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "mine.py"], cwd=folder, capture_output=True, text=True, timeout=300
    )


def test_the_readme_runs_as_a_file(tmp_path: Path) -> None:
    found = blocks("README.md")
    assert len(found) == 3 and all(short in "".join(found) for short in SHORT.values())
    done = run_as_file("\n".join(found), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "mine.nc").is_file() and not (tmp_path / "mine.nc.journal").exists()
    again = run_as_file("\n".join(found), tmp_path)
    assert again.returncode == 0 and "12/12" in again.stderr, again.stderr


def test_the_readme_runs_as_cells_of_a_notebook(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(block) for block in blocks("README.md")]  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert (tmp_path / "mine.nc").is_file()


@pytest.mark.parametrize("chapter", QUICK)
def test_a_chapter_runs_as_a_file(chapter: str, tmp_path: Path) -> None:
    cells = code_cells(read_chapter(BOOK, chapter))
    done = run_as_file("\n\n".join(cell.source for cell in cells), tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("chapter", chapters(BOOK))
def test_a_chapter_uses_no_name_that_only_a_notebook_has(chapter: str) -> None:
    """Those that take longer: their cells are run as a notebook, and these names are all else."""
    code = "\n\n".join(cell.source for cell in code_cells(read_chapter(BOOK, chapter)))
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # Workers would start the script again, or it does not end without a reader's help.
    assert not re.search(r"\b(multiprocessing|ProcessPoolExecutor|input\()", code)
