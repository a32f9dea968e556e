"""What operators may look at in Django's administration: people and organisations as tables, read only.

Changes go through services, which write the audit record; nothing here can change a row.
"""

from typing import Any

import allauth.account.admin  # noqa: F401  (registers what is taken out below)
import django.contrib.auth.admin  # noqa: F401
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from liangcai.server.store.models import AuditEvent, Organisation, OutboxMessage, User

# The apps behind sign-in bring pages of their own, which change rows and leave no audit record.
for _model in (Group, EmailAddress):
    admin.site.unregister(_model)

# One door for everybody: it counts failed attempts and asks for a confirmed address.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


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


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly):
    list_display = ["email", "user", "verified", "primary"]
    list_filter = ["verified"]
    list_select_related = ["user"]
    search_fields = ["email"]
