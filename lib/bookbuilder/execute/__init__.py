"""Runs the chapters whose inputs changed, and says what they found or why they failed."""

__all__ = [
    "claim_table", "claims", "execution", "failure", "fingerprint", "processes", "registered",
    "schedule",
]  # fmt: skip
