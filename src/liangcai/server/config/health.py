"""`/healthz`: whether this process can serve, and nothing that a stranger may not know."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from liangcai.server.queries.schema import pending_migrations

_migrated: set[str] = set()  # a schema that is up to date stays so while this process lives


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  (the address takes no input)
    """Answer 200 when the database answers and its schema is current, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated and not pending_migrations():
            _migrated.add("yes")
    except DatabaseError:
        return JsonResponse({"status": "error", "database": "unreachable"}, status=503)
    if not _migrated:
        return JsonResponse({"status": "error", "database": "not migrated"}, status=503)
    return JsonResponse({"status": "ok"})
