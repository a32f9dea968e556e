"""Responses: who scored what on which item, with −1 where nothing was asked."""
