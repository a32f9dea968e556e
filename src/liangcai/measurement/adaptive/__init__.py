"""Adaptive testing: which item next, how often an item may be seen, when to stop, and what a design achieves."""
