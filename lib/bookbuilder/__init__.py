"""Executes the chapters of the book by papermill and renders them with Jupyter Book.

Data flows one way: `toc` names the chapters, `parameters` and `profile` give their values,
`fingerprint` says which of them must run, `schedule` runs them in `worker` processes, `claims`
collects what they found, `render` makes the pages. `cli` is the only entry point.
"""
