"""Addresses of the site: each room hangs below its name, the API below /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path

from chengdan.config.rooms import ROOMS, module_present

# Parts of the kernel with pages of their own.
KERNEL_PAGES = (
    "health",
    "outbox",
    "audit",
    "search",
    "attachments",
    "comments",
    "notices",
    "workcalendar",
    "numbering",
    "importing",
    "exporting",
    "http",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("chengdan.config.workbench.urls")),
    path("api/v1/", include("chengdan.config.api")),
    path("", include("chengdan.kernel.ui.urls")),
    *(path("", include(f"chengdan.kernel.{part}.urls")) for part in KERNEL_PAGES),
]
for room in ROOMS:
    urlpatterns.append(path(f"{room}/", include(f"chengdan.modules.{room}.web.urls")))
    if module_present(f"chengdan.modules.{room}.web.root_urls"):
        # Addresses that people know by heart, such as /login/.
        urlpatterns.append(path("", include(f"chengdan.modules.{room}.web.root_urls")))

# Refusals of Django itself look and speak like ours.
handler400 = "chengdan.kernel.ui.faults.handle_400"
handler403 = "chengdan.kernel.ui.faults.handle_403"
handler404 = "chengdan.kernel.ui.faults.handle_404"
handler500 = "chengdan.kernel.ui.faults.handle_500"
