"""The version of the library, part of the identity of every stored number."""

__version__ = "0.1.0"
