"""What a WSGI server runs; it refuses to start on a setting that must not go live."""

import os

from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangcai.server.config.settings")


def refuse_faults() -> None:
    """Run the system checks, the ones on stored data included.

    Raises:
        ImproperlyConfigured: at least one of them found an error.

    """
    errors = [fault for fault in run_checks(databases=["default"]) if fault.level >= ERROR]
    if errors:
        raise ImproperlyConfigured("\n".join(str(fault) for fault in errors))


application = get_wsgi_application()
refuse_faults()
