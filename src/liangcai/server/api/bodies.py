"""JSON out of a request's body, however hostile it is: bounded size, depth and number of values."""

import json
import math
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from liangcai.kernel.errors import LiangcaiError

MAX_BYTES = 4 * 1024 * 1024
MAX_BYTES_SIGNED_OUT = 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 300_000
MAX_KEY = 256
MAX_DIGITS = 18


class BodyTooLarge(LiangcaiError):
    """The body has more bytes than this address reads from this caller."""

    code = "api.body-too-large"


class NotJson(LiangcaiError):
    """The body does not say that it is JSON."""

    code = "api.media-type"


class BodyRefused(LiangcaiError):
    """The body is not JSON, or JSON that not every reader understands alike; `detail` says why."""

    code = "api.body-refused"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class StrictParser(Parser):
    """Reads the bodies of those endpoints whose parameters are typed."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value."""
        return json_of(request)


def json_of(request: HttpRequest) -> Any:
    """Return the JSON value that a request carries.

    Raises:
        NotJson: the media type is another one.
        BodyTooLarge: it has over 4 MiB, or over 1 MiB from somebody who is signed out.
        BodyRefused: it is not UTF-8 or not JSON, names a key twice, holds NaN, an infinity, an
            integer of over 18 digits, NUL or half a surrogate pair, or is too deep or too large.

    """
    if request.content_type != "application/json":
        raise NotJson(f"the body is {request.content_type or 'of no stated type'}")
    caller = getattr(request, "auth", None)
    most = MAX_BYTES if caller and caller.is_authenticated else MAX_BYTES_SIGNED_OUT
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise BodyTooLarge(f"over {most} bytes")
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise BodyTooLarge("over what the server reads at all") from error
    return parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """Return the value of JSON bytes.

    Raises:
        BodyRefused: as in `json_of`.

    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_mapping,
            parse_constant=_refuse_constant,
            parse_float=_number,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise BodyRefused(_("The document is not UTF-8.")) from error
    except json.JSONDecodeError as error:
        sentence = _("The document is not JSON from line %(line)d, column %(column)d on.")
        raise BodyRefused(sentence % {"line": error.lineno, "column": error.colno}) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check_values(value)
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise BodyRefused(_("A key stands twice in one object."))
    if any(len(key) > MAX_KEY for key in value):
        raise BodyRefused(_("A key has over %(most)d characters.") % {"most": MAX_KEY})
    return value


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BodyRefused(_("A number is too large."))
    return number


def _integer(text: str) -> int:
    if len(text.removeprefix("-")) > MAX_DIGITS:
        raise BodyRefused(_("A number is too large."))
    return int(text)


def _refuse_constant(_constant: str) -> NoReturn:
    raise BodyRefused(_("NaN and infinities are not JSON."))


def _check_values(value: Any) -> None:
    """Refuse what nests too deeply, has too many values, or text that no database keeps."""
    level, seen = [value], 0
    for _depth in range(MAX_DEPTH + 1):
        seen += len(level)
        if seen > MAX_VALUES:
            raise BodyRefused(_("The document has over %(most)d values.") % {"most": MAX_VALUES})
        below: list[Any] = []
        for part in level:
            if type(part) is str:
                _check_text(part)
            elif type(part) is dict:
                below += part
                below += part.values()
            elif type(part) is list:
                below += part
        if not below:
            return
        level = below
    raise _too_deep()


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BodyRefused(_("A text holds half of a surrogate pair.")) from error
    if "\0" in text:
        raise BodyRefused(_("A text holds the character NUL."))


def _too_deep() -> BodyRefused:
    return BodyRefused(_("The document nests over %(most)d levels.") % {"most": MAX_DEPTH})
