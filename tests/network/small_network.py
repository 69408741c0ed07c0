"""The sizes of a small network."""

small = {"n": 12, "m": 10, "k": 7}
