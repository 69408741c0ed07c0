"""Executes the chapters of the book by papermill and renders them with Jupyter Book, by `cli`.

`declare` <- `execute` <- `pages` <- `rerun`: each imports only from those before it, and lists the
modules that others may import. Nothing is imported with a folder: a chapter's process stays light.
"""
