"""Comparative judgement: which of two scripts is better, and the scale that such judgements make."""
