"""What a WSGI server runs; importing it fails where a server must not start."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangcai.server.config.settings")
application = get_wsgi_application()

from liangcai.server.config.faults import refuse_faults  # noqa: E402  (the checks need the apps)

refuse_faults()
