"""Calibration: item parameters by marginal maximum likelihood, with errors, certificates and an audit record."""
