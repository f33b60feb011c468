"""Addresses that people know by heart, and the own account."""

from django.urls import path

from chengdan.modules.people.web import account

app_name = "people_account"

urlpatterns = [
    path("login/", account.sign_in, name="login"),
    path("login/demo/<int:pk>/", account.demo_sign_in, name="demo"),
    path("logout/", account.sign_out, name="logout"),
    path("reset/", account.reset_ask, name="reset_ask"),
    path("reset/<str:token>/", account.reset, name="reset"),
    path("invite/<str:token>/", account.invite, name="invite"),
    path("me/", account.profile, name="profile"),
    path("me/edit/", account.profile_change, name="profile_edit"),
    path("me/password/", account.password, name="password"),
    path("me/sessions/<int:pk>/end/", account.session_stop, name="session_end"),
    path("me/company/", account.company_choose, name="company"),
]
