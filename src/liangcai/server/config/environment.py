"""Settings out of the environment: `LIANGCAI_*`, secrets also out of files, faults said loudly."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_DATABASE_URL = (
    "LIANGCAI_DATABASE_URL is postgresql://user:password@host:5432/name or sqlite:///path;"
    " signs such as / # ? @ in a password are written %2F %23 %3F %40."
)
_POSTGRES_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "options"}


@dataclass(slots=True)
class Environment:
    """Reads settings by their name without the prefix and remembers which ones exist."""

    values: Mapping[str, str] = field(default_factory=lambda: os.environ)
    known: set[str] = field(default_factory=set)

    def text(self, name: str, default: str = "") -> str:
        """Return a setting, or its default where it is unset or empty."""
        self.known.add(f"LIANGCAI_{name}")
        return self.values.get(f"LIANGCAI_{name}", "").strip() or default

    def secret(self, name: str) -> str:
        """Return a secret from `LIANGCAI_<name>` or from the file that `LIANGCAI_<name>_FILE` names.

        Raises:
            ImproperlyConfigured: both are set, or the file cannot be read or is empty.

        """
        plain, path = self.text(name), self.text(f"{name}_FILE")
        if plain and path:
            raise ImproperlyConfigured(f"Set LIANGCAI_{name} or LIANGCAI_{name}_FILE, not both.")
        if not path:
            return plain
        try:
            content = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"LIANGCAI_{name}_FILE: {path} cannot be read ({error})."
            ) from error
        if not content:
            raise ImproperlyConfigured(f"LIANGCAI_{name}_FILE: {path} is empty.")
        return content

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes/no setting.

        Raises:
            ImproperlyConfigured: it is neither.

        """
        value = self.text(name, "1" if default else "0").lower()
        if value not in (*_TRUE, *_FALSE):
            raise ImproperlyConfigured(f"LIANGCAI_{name} is 1 or 0, not {value!r}.")
        return value in _TRUE

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number within bounds.

        Raises:
            ImproperlyConfigured: it is not a number, or out of bounds.

        """
        value = self.text(name, str(default))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise ImproperlyConfigured(
                f"LIANGCAI_{name} is a whole number from {least} to {most}, not {value!r}."
            )
        return int(value)

    def choice(self, name: str, default: str, among: tuple[str, ...]) -> str:
        """Return one of the allowed words.

        Raises:
            ImproperlyConfigured: it is another word.

        """
        value = self.text(name, default)
        if value not in among:
            raise ImproperlyConfigured(f"LIANGCAI_{name} is one of {among}, not {value!r}.")
        return value

    def words(self, name: str) -> list[str]:
        """Return the members of a comma-separated setting."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def refuse_unknown(self) -> None:
        """Refuse a misspelt setting: it would be ignored in silence otherwise.

        Raises:
            ImproperlyConfigured: a `LIANGCAI_*` variable is none of the settings read so far.

        """
        outside = {
            "LIANGCAI_TEST_POSTGRES",
            "LIANGCAI_PYTHON",
            "LIANGCAI_LANG",
            "LIANGCAI_SCREENSHOTS",
        }  # tests, make, CLI
        given = {name for name in self.values if name.startswith("LIANGCAI_")}
        if unknown := sorted(given - self.known - outside):
            raise ImproperlyConfigured(f"No such setting: {', '.join(unknown)}.")


def database_of(url: str, *, data: Path) -> dict[str, Any]:
    """Return Django's settings of one database from a `postgresql://` or `sqlite:///` address.

    No address means SQLite in the data folder. SQLite runs with a write-ahead log, full
    synchronisation and immediate transactions; it waits up to 10 seconds for a lock.

    Raises:
        ImproperlyConfigured: another scheme, no database name, an unknown option.

    """
    if not url:
        return _sqlite(str(data / "liangcai.sqlite3"))
    parts, port = _parts(url)
    if parts is None:
        raise ImproperlyConfigured(_DATABASE_URL)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme == "sqlite" and name:
        return _sqlite(name)
    if parts.scheme not in ("postgresql", "postgres") or not name:
        raise ImproperlyConfigured(_DATABASE_URL)
    options = dict(parse_qsl(parts.query))
    host = unquote(options.pop("host", parts.hostname or ""))  # ?host=/run/… names a socket folder
    if unknown := sorted(set(options) - _POSTGRES_OPTIONS):
        raise ImproperlyConfigured(f"LIANGCAI_DATABASE_URL: unknown option {', '.join(unknown)}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


def public_address(url: str) -> SplitResult:
    """Return the parts of the address that people use.

    Raises:
        ImproperlyConfigured: it is not a scheme, a name and perhaps a port.

    """
    parts, port = _parts(url)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or url != f"{parts.scheme}://{parts.netloc}"
        or "@" in parts.netloc
        or port == 0
    ):
        raise ImproperlyConfigured("LIANGCAI_PUBLIC_URL is https://name or https://name:port.")
    return parts


def _parts(url: str) -> tuple[SplitResult | None, int | None]:
    """Return an address's parts and port; None for one that is none, whose words nobody repeats.

    A password with a stray sign in it ends up in the port, and must not end up in an error.
    """
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        return None, None


def _sqlite(path: str) -> dict[str, Any]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": pragmas},
        "CONN_MAX_AGE": 300,
    }
