"""The version of the library."""

__version__ = "0.1.0"
"""Part of the identity of every stored number."""
