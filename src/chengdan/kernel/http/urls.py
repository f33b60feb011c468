"""Addresses of the token page."""

from django.urls import path

from chengdan.kernel.http import pages

app_name = "tokens"
urlpatterns = [
    path("tokens/", pages.tokens, name="list"),
    path("tokens/issue/", pages.issue, name="issue"),
    path("tokens/<int:token_id>/revoke/", pages.revoke, name="revoke"),
]
