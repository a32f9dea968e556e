"""The version of this package, where every layer can name it in an audit record."""

__version__ = "0.1.0"
