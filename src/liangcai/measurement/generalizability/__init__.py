"""Generalizability: variance components of measurement designs, and what other designs would reach."""
