"""What the book computes, part by part, with its stored results.

``python -m onestep.studies sweep NAME`` computes any of these anew, resumably.
"""

import pkgutil

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[each.name for each in pkgutil.iter_modules(__path__) if each.name[0] != "_"],
)
