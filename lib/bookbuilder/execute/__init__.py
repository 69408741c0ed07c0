"""Runs the chapters whose inputs changed, and says what they found or why they failed.

- `execution`: brings the executed notebooks of a book up to date
- `schedule`: jobs in parallel, each in a process of its own
- `processes`: processes that never outlive the build
- `fingerprint`: when a chapter has to run again
- `claims`: what the executed chapters claim, and what is wrong with it
- `registered`: whether they are the claims that the book's registry states
- `failure`: what went wrong in a chapter, told to a reader
"""

__all__ = ["claims", "execution", "failure", "fingerprint", "processes", "registered", "schedule"]
