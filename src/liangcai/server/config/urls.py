"""The address map: pages at the root, REST under /api/, sign-in under /accounts/."""

from django.contrib import admin
from django.urls import include, path

from liangcai.server.config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("liangcai.server.api.urls")),
    path("", include("liangcai.server.web.urls")),
]
