"""Addresses of the page of deferred work."""

from django.urls import path

from chengdan.kernel.outbox import views

app_name = "outbox"
urlpatterns = [
    path("outbox/", views.OutboxList.as_view(), name="list"),
    path("outbox/retry/", views.retry, name="retry"),
    path("outbox/schedule/", views.schedule, name="schedule"),
]
