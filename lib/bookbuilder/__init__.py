"""Executes the chapters of the book by papermill and renders them with Jupyter Book.

`declare` says what pages, chapters, parameters and values there are, `execute` runs the chapters,
`pages` makes HTML, PDF and the record of the build (`sphinx_extension` is loaded by Sphinx itself),
`rerun` a chapter with a reader's own values; each imports only from those before it. `cli` is the
only entry point. Each folder lists the modules that others may import; nothing is imported with the
folder, so that the process of a chapter loads no more than it needs.
"""
