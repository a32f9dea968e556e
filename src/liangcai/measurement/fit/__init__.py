"""Fit of items and models: what the responses say about the curves that were drawn for them."""
