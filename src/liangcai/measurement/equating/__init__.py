"""Observed-score equating: scores of one test form in terms of another, with standard errors."""
