"""Executes the chapters of the book by papermill and renders them with Jupyter Book.

Four folders, each of which imports only from those before it:

`declare`
    What the book says: its pages, chapters, parameters and their allowed values.
`execute`
    Which chapters must run, their processes, and what they found.
`pages`
    HTML, PDF and the record of the build. `sphinx_extension` is loaded by Sphinx itself.
`rerun`
    A chapter with a reader's own values.

`cli` is the only entry point. Each folder lists the modules that others may import; nothing is
imported with the folder, so that the process of a chapter loads no more than it needs.
"""

import sys

# jsonschema, which nbformat imports, would compile a grammar of web addresses if it found this
# package: more than a second in every process, for a format that no notebook asks for.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
