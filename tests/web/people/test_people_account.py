"""Signing in and out, sessions and the own account through the browser's door."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.outbox import outbox_drain
from chengdan.modules.people.models import UserSession
from chengdan.modules.people.services import user_disable
from chengdan.modules.people.services.passwords import token_make
from tests.fixtures.people import PASSWORD, People

LOGIN = "/login/"
PROFILE = "/me/"


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str) -> int:
    data = {"username": name, "password": password, **more}
    return client.post(LOGIN, data).status_code


def test_signing_in_gives_a_new_session_and_the_asked_page(client: Client, people: People) -> None:
    assert client.get(PROFILE).headers["Location"] == "/login/?next=/me/"
    client.get(LOGIN)
    response = client.post(LOGIN, {"username": "CSR", "password": PASSWORD, "next": "/me/"})
    assert response.headers["Location"] == "/me/"
    page = client.get(PROFILE)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Request-ID"]
    assert "孙客服" in page.content.decode()


def test_the_next_page_is_never_another_site(client: Client, people: People) -> None:
    data = {"username": "csr", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(LOGIN, data).headers["Location"] == "/"


def test_a_wrong_password_says_nothing_about_the_name(client: Client, people: People) -> None:
    texts = []
    for name in ("auditor", "nobody7"):
        response = client.post(LOGIN, {"username": name, "password": "wrong"})
        assert response.status_code == 422
        texts.append(response.content.decode().replace(name, ""))
    assert "_auth_user_id" not in client.session
    assert len(texts[0]) == len(texts[1])


def test_signing_out_ends_the_session_on_the_server(client: Client, people: People) -> None:
    sign_in(client, "csr")
    stolen = client.cookies["chengdan_session"].value
    client.post("/logout/")
    assert UserSession.objects.get().ended_at is not None
    client.cookies["chengdan_session"] = stolen
    assert client.get(PROFILE).status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 302)])
def test_an_idle_session_ends(
    client: Client, people: People, frozen_clock: object, minutes: int, status: int
) -> None:
    client.force_login(people.users["csr"])
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        assert client.get(PROFILE).status_code == status


def test_no_session_lives_longer_than_half_a_day(
    client: Client, people: People, frozen_clock: object
) -> None:
    client.force_login(people.users["csr"])
    answers = []
    for step in range(1, 26):
        with clock.at(clock.now() + timedelta(minutes=29 * step)):
            answers.append(client.get(PROFILE).status_code)
    assert answers == [200] * 24 + [302]


def test_a_closed_account_is_out_at_once(client: Client, people: People) -> None:
    client.force_login(people.users["csr"])
    assert client.get(PROFILE).status_code == 200
    actor = people.actor("administrator")
    user_disable(actor=actor, user_id=people.users["csr"].pk, reason="离职")
    assert client.get(PROFILE).status_code == 302


def test_own_sessions_are_listed_and_ended(client: Client, people: People) -> None:
    other = Client()
    other.force_login(people.users["csr"])
    client.force_login(people.users["csr"])
    row = UserSession.objects.exclude(session_key=client.session.session_key).get()
    assert client.post(f"/me/sessions/{row.pk}/end/").status_code == 302
    assert other.get(PROFILE).status_code == 302
    assert client.get(PROFILE).status_code == 200
    stranger = Client()
    stranger.force_login(people.users["sales_rep"])
    mine = UserSession.objects.get(session_key=client.session.session_key)
    assert stranger.post(f"/me/sessions/{mine.pk}/end/").status_code == 404


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    client: Client, people: People
) -> None:
    other = Client()
    other.force_login(people.users["csr"])
    client.force_login(people.users["csr"])
    wrong = client.post("/me/password/", {"current": "x", "new": "昨夜星辰昨夜风 2026"})
    assert wrong.status_code == 422
    data = {"current": PASSWORD, "new": "昨夜星辰昨夜风 2026"}
    assert client.post("/me/password/", data).status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert other.get(PROFILE).status_code == 302


def test_a_password_that_must_change_comes_first(client: Client, people: People) -> None:
    user = people.users["csr"]
    type(user).objects.filter(pk=user.pk)
    from chengdan.kernel.transactions import unguarded

    with unguarded():
        type(user).objects.filter(pk=user.pk).update(must_change_password=True)
    client.force_login(user)
    assert client.get(PROFILE).headers["Location"] == "/me/password/"
    assert client.get("/me/password/").status_code == 200


def test_reset_and_invitation_by_mail(client: Client, people: People) -> None:
    answers = [
        client.post("/reset/", {"login": login}).content.decode()
        for login in ("csr", "nobody at all")
    ]
    assert "link" in answers[0] or "链接" in answers[0]
    assert len(answers[0]) == len(answers[1])
    outbox_drain()
    assert "http://testserver/reset/" in mail.outbox[0].body
    token = token_make(people.users["csr"], "invite")
    url = reverse("people_account:invite", args=[token])
    assert client.get(url).status_code == 200
    assert client.post(url, {"new": "short"}).status_code == 422
    assert client.post(url, {"new": "昨夜星辰昨夜风 2026"}).status_code == 302
    assert client.get(url).status_code == 422
    assert sign_in(client, "csr", "昨夜星辰昨夜风 2026") == 302


def test_the_profile_and_its_language(client: Client, people: People) -> None:
    client.force_login(people.users["csr"])
    data = {"email": "a@example.com", "phone": "", "language": "en"}
    assert client.post("/me/edit/", data).status_code == 302
    assert "My sessions" in client.get(PROFILE).content.decode()


def test_demo_sign_in_exists_only_in_demo_mode(
    client: Client, people: People, settings: object
) -> None:
    url = f"/login/demo/{people.users['csr'].pk}/"
    assert client.post(url).status_code == 404
    settings.CHENGDAN_DEMO = True  # type: ignore[attr-defined]
    assert "孙客服" in client.get(LOGIN).content.decode()
    assert client.post(url).status_code == 302
    assert client.get(PROFILE).status_code == 200


def test_the_company_is_switched_only_to_one_of_ones_own(client: Client, people: People) -> None:
    client.force_login(people.users["csr"])
    assert client.post("/me/company/", {"company": people.company.pk}).status_code == 302
    assert client.post("/me/company/", {"company": 10**6}).status_code == 404
    assert client.post("/me/company/", {"company": "x"}).status_code == 404
