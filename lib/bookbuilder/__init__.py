"""Executes the chapters of the book by papermill and renders them with Jupyter Book, by `cli`.

`declare` <- `execute` <- `pages` <- `rerun`: each imports only from those before it, and lists the
modules that others may import. Nothing is imported with a folder: a chapter's process stays light.
"""

import sys

# jsonschema, which nbformat imports, would compile a grammar of web addresses if it found this
# package: more than a second in every process, for a format that no notebook asks for.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
