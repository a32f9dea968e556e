"""Sphinx settings: MyST Markdown, furo, nothing fetched from anywhere."""

project = "Liangcai 量才"
author = "The Liangcai maintainers"
copyright = "2026, The Liangcai maintainers"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Liangcai 量才"
html_static_path = ["_static"]
language = "en"
autodoc_typehints = "description"
html_copy_source = False
# Examples of the API abbreviate with "…", which no JSON lexer knows.
suppress_warnings = ["misc.highlighting_failure"]
