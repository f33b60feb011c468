"""The WSGI application that web servers load."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from chengdan.kernel.registry import freeze_all

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")

# Before `collectstatic` ran there is nothing to serve from here, which is no fault to warn of.
Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
application = get_wsgi_application()
# Pages register with the last import of the addresses; after that nothing joins any more.
_ = get_resolver().url_patterns
freeze_all()
