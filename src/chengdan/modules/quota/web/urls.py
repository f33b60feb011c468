"""Addresses of the room, below /quota/."""

from django.urls import path

from chengdan.modules.quota.web import cell, grid

app_name = "quota"

urlpatterns = [
    path("", grid.grid, name="grid"),
    path("paste/", cell.paste, name="paste"),
    path("<int:pk>/", cell.show, name="cell"),
    path("<int:pk>/edit/", cell.edit, name="edit"),
    path("<int:pk>/end/", cell.end, name="end"),
    path("<int:pk>/transfer/", cell.transfer, name="transfer"),
]
