"""HTTP in, one query or service, a page out."""
