"""The REST API: JSON in and out, one service or query per request."""
