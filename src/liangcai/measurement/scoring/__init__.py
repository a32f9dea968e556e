"""Scoring persons: abilities, summed scores, plausible values, reliability and reported scales."""
