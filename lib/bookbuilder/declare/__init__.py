"""What a book says of itself, read without running anything.

- `project`: where things are: every other module receives a `Project`, none looks around
- `toc`: which pages there are, and which of them are chapters
- `notebook`: a chapter's text as a notebook
- `parameters`: the parameters cell of a chapter
- `domain`: the values that a parameter may take
- `values`: what a reader sets over the defaults
- `outside`: the state of what a chapter finds outside the project
- `profile`: what the profiles `quick` and `full` set
- `registry`: what every claim states, with which margin
"""

__all__ = [
    "domain", "notebook", "outside", "parameters", "profile", "project", "registry", "toc",
    "values",
]  # fmt: skip
