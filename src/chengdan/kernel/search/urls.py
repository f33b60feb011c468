"""Address of the search."""

from django.urls import path

from chengdan.kernel.search import views

urlpatterns = [path("search/", views.search_show, name="search")]
