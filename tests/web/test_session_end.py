"""What a person meets whose session ended while they worked: the sign-in, and their page again."""

from typing import Any

import pytest
from django.test import Client

from tests.fixtures.people import PASSWORD, People

FORM = "/orders/new/"
ORIGIN = "http://testserver"
JSON = {"Accept": "application/json"}
KEPT = {"cd_kept": "cd-draft orders.order new 1"}


def test_what_is_sent_without_a_session_leads_back_to_its_page(client: Client, db: None) -> None:
    answer = client.post(FORM, KEPT, headers={"Referer": f"{ORIGIN}{FORM}?customer=3"})
    target = answer.headers["Location"]
    assert target == "/login/?next=/orders/new/%3Fcustomer%3D3&ended=kept"
    page = client.get(target).content.decode()
    assert "您输入的内容保存在本机" in page
    assert 'name="next" value="/orders/new/?customer=3"' in page
    assert "_auth" not in client.session.load()


def test_a_form_that_keeps_nothing_says_that_nothing_was_done(client: Client, db: None) -> None:
    answer = client.post(FORM, {})
    assert answer.headers["Location"] == "/login/?next=/orders/new/&ended=lost"
    assert "刚才的操作没有执行" in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    "referer",
    ["https://evil.example/orders/new/", f"{ORIGIN}//evil.example/", "javascript:alert(1)", ""],
)
def test_the_way_back_is_never_another_site(client: Client, db: None, referer: str) -> None:
    answer = client.post("/orders/autosave/", {}, headers={"Referer": referer})
    assert answer.headers["Location"] == "/login/?next=/&ended=lost"


def test_the_page_is_opened_again_after_signing_in(client: Client, people: People) -> None:
    target = client.post("/me/edit/", KEPT).headers["Location"]
    data = {"username": "csr", "password": PASSWORD, "next": "/me/edit/"}
    assert client.post(target, data).headers["Location"] == "/me/edit/"


def test_scripts_learn_that_the_session_has_ended(client: Client, db: None) -> None:
    headers = {**JSON, "Referer": f"{ORIGIN}{FORM}"}
    answer = client.post("/orders/autosave/", KEPT, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "code": "signed_out",
        "message": "登录已过期，请重新登录。",
        "sign_in": "/login/?next=/orders/new/&ended=kept",
    }
    assert client.get("/orders/pick/product/", headers=JSON).status_code in (401, 404)


def test_a_piece_of_a_page_leads_back_to_the_page_around_it(client: Client, db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/process/inbox/?item=4"}
    answer = client.post("/ui/density/", headers=headers)
    assert answer.status_code == 401
    target = "/login/?next=/process/inbox/%3Fitem%3D4&ended=lost"
    assert answer.headers["HX-Redirect"] == target


def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def test_without_both_cookies_it_is_the_sign_in_and_no_missing_right(db: None) -> None:
    headers = {"Referer": f"{ORIGIN}{FORM}"}
    plain = strict().post(FORM, KEPT, headers=headers)
    assert plain.headers["Location"] == "/login/?next=/orders/new/&ended=kept"
    script = strict().post("/orders/autosave/", KEPT, headers={**headers, **JSON})
    assert (script.status_code, script.json()["code"]) == (401, "signed_out")


def test_a_form_without_its_key_is_opened_again(people: People) -> None:
    client = strict()
    client.force_login(people.users["csr"])
    answer = client.post("/me/edit/", KEPT, headers={"Referer": f"{ORIGIN}/me/edit/?a=1"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "页面打开时间过长" in page
    assert "您输入的内容保存在本机" in page
    assert 'href="/me/edit/?a=1"' in page
    assert "没有这项权限" not in page
    assert strict().post("/login/", {}).status_code == 403


def test_only_a_stored_form_lets_the_browser_forget_its_copy(
    client: Client, people: People
) -> None:
    client.force_login(people.users["csr"])

    def told() -> str:
        return client.get("/me/").content.decode()

    wrong: dict[str, Any] = {"language": "none", **KEPT}
    assert client.post("/me/edit/", wrong).status_code == 422
    assert 'data-cd-message="kept' not in told()
    right = {"email": "", "phone": "", "language": "zh-hans", **KEPT}
    assert client.post("/me/edit/", right).status_code == 302
    assert f'data-cd-message="kept" data-state="done">{KEPT["cd_kept"]}<' in told()
