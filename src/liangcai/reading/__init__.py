"""Hostile office files in, plain values out."""
