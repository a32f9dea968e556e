"""Pages: HTML in and out, one service or query per request."""
