"""What operators may look at in Django's administration: people and organisations as tables, read only.

Changes go through services, which write the audit record; nothing here can change a row.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from liangcai.server.store.models import AuditEvent, Organisation, OutboxMessage, User


class ReadOnly(admin.ModelAdmin[Any]):
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django names it)
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["email", "name", "is_active", "is_superuser", "synthetic", "joined_at"]
    list_filter = ["is_active", "is_superuser", "synthetic"]
    search_fields = ["email", "name"]
    exclude = ["password", "groups", "user_permissions"]


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    list_display = ["slug", "name_zh", "name_en", "synthetic", "created_at"]
    search_fields = ["slug", "name_zh", "name_en"]


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly):
    list_display = ["to", "subject", "status", "attempts", "next_attempt_at", "last_error"]
    list_filter = ["status"]
    exclude = ["text", "html"]  # they may hold a link that opens an account


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ["at", "verb", "actor", "target_kind", "target_id", "organisation"]
    list_filter = ["verb"]
    list_select_related = ["actor", "organisation"]
