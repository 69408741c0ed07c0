"""Runs the chapters whose inputs changed, and says what they found or why they failed."""

__all__ = ["claims", "execution", "failure", "fingerprint", "processes", "registered", "schedule"]
