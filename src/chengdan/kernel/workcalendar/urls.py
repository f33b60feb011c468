"""Addresses of the calendar pages."""

from django.urls import path

from chengdan.kernel.workcalendar import views

app_name = "workcalendar"

urlpatterns = [
    path("calendar/", views.calendar_year, name="show"),
    path("calendar/<int:year>/", views.calendar_year, name="year"),
    path("calendar/<int:year>/import/", views.calendar_year_import, name="year_import"),
    path("calendar/new/", views.calendar_new, name="new"),
    path("calendar/hours/", views.calendar_hours, name="hours"),
    path("calendar/day/", views.calendar_day, name="day"),
    path("calendar/day/<str:day>/remove/", views.calendar_day_remove, name="day_remove"),
]
