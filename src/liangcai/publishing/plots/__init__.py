"""Statistical plots from plain values: SVG text with a title, a description and a table twin."""
