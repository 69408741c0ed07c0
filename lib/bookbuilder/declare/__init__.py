"""What a book says of itself, read without running anything.

`project`
    Where things are: every other module receives a `Project`, none looks around.

`toc`
    Which pages there are, and which of them are chapters.

`notebook`
    A chapter's text as a notebook.

`parameters`
    The parameters cell of a chapter.

`domain`
    The values that a parameter may take.

`values`
    What a reader sets over the defaults.

`profile`
    What the profiles `quick` and `full` set.
"""

__all__ = [
    "domain",
    "notebook",
    "parameters",
    "profile",
    "project",
    "toc",
    "values",
]
