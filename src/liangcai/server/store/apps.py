from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "liangcai.server.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from liangcai.server.store import checks  # noqa: F401  (registers while imported)
