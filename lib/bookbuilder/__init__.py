"""Executes and renders the book."""
