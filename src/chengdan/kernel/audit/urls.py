"""Address of the audit trail."""

from django.urls import path

from chengdan.kernel.audit import views

app_name = "audit"
urlpatterns = [path("audit/", views.AuditList.as_view(), name="list")]
