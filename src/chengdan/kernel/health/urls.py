"""Addresses of probes."""

from django.urls import path

from chengdan.kernel.health import views

urlpatterns = [
    path("healthz", views.health_live, name="healthz"),
    path("readyz", views.health_ready, name="readyz"),
    path("health/live/", views.health_live, name="health_live"),
    path("health/ready/", views.health_ready, name="health_ready"),
]
