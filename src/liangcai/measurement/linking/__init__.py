"""Linking of calibrations through common items, drift of the common items, and equating of scores."""
