"""Conformance suites: what a plug-in must do before others may rely on it."""
