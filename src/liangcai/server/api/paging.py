"""Lists page by page: a stable order, a signed cursor, and a link to the next page."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.api.answers import answer
from liangcai.server.queries.api import keyset_page

USUAL, MOST = 50, 200
M = TypeVar("M", bound=Model)


class CursorInvalid(LiangcaiError):
    """The cursor was not made by this list."""

    code = "api.cursor-invalid"


class Paging(Schema):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL
    cursor: Annotated[str | None, Field(max_length=1000)] = None


def answer_page(
    request: HttpRequest,
    rows: QuerySet[M],
    paging: Paging,
    *,
    order: Sequence[str],
    entry: Callable[[M], Any],
) -> HttpResponse:
    """Return one page of a list, with a link to the next one in the body and in the header.

    Raises:
        CursorInvalid: the cursor is not one of this list.

    """
    salt = f"api.cursor:{request.path}"
    after = None if paging.cursor is None else _key(paging.cursor, salt, len(order))
    page = keyset_page(rows, order=order, after=after, limit=paging.limit)
    link = None
    if page.last_key is not None:
        cursor = signing.dumps(list(page.last_key), salt=salt)
        parameters = paging.model_dump(exclude_none=True, mode="json") | {"cursor": cursor}
        link = f"{request.path}?{urlencode(parameters)}"
    headers = {} if link is None else {"Link": f'<{link}>; rel="next"'}
    return answer({"items": [entry(row) for row in page.rows], "next": link}, headers=headers)


def _key(cursor: str, salt: str, length: int) -> tuple[str, ...]:
    try:
        key = signing.loads(cursor, salt=salt)
    except signing.BadSignature as error:
        raise CursorInvalid("not a cursor of this list") from error
    if len(key) != length:
        raise CursorInvalid("a cursor of an earlier release")
    return tuple(key)
