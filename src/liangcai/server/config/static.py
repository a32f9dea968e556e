"""Where pages find their files: named by content once `serve` has collected them, plain before."""

from urllib.parse import urlsplit

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Names a file by its content if it was collected, and as it is otherwise (tests, a first look)."""

    def stored_name(self, name: str) -> str:
        """Return the name that a page links to."""
        clean = self.clean_name(urlsplit(name).path)
        collected = self.hash_key(clean) in self.hashed_files
        return str(super().stored_name(name)) if collected else name
