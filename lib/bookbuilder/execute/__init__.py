"""Runs the chapters whose inputs changed, and says what they found or why they failed.

`execution`
    Brings the executed notebooks of a book up to date.

`schedule`
    Jobs in parallel, each in a process of its own.

`processes`
    Processes that never outlive the build.

`fingerprint`
    When a chapter has to run again.

`claims`
    What the executed chapters claim, and what is wrong with it.

`failure`
    What went wrong in a chapter, told to a reader.
"""

__all__ = [
    "claims",
    "execution",
    "failure",
    "fingerprint",
    "processes",
    "schedule",
]
