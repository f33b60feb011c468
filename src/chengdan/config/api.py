"""The API with the routers of all rooms."""

from importlib import import_module

from django.urls import path

from chengdan.config.rooms import ROOMS, module_present
from chengdan.kernel.http.api import api_make

# A room's http_api package registers its endpoints when it is imported.
for room in ROOMS:
    if module_present(f"chengdan.modules.{room}.http_api"):
        import_module(f"chengdan.modules.{room}.http_api")

api = api_make()
urlpatterns = [path("", api.urls)]
