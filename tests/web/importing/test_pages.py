"""Import, export and token pages through the client: success and refusal."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.http.models import ApiToken
from chengdan.kernel.importing.models import ImportJob
from chengdan.kernel.importing.services import imports_run_due
from chengdan.kernel.notices.kinds import notice_text
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.parameters import ParameterValue
from tests.fixtures.importing import csv_bytes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wares", "may_all")]
ROWS: list[list[object]] = [["Code", "Price"], ["A1", "18"], ["A2", "-1"]]


@pytest.fixture
def signed_in(client: Client, api_person: Actor, monkeypatch: pytest.MonkeyPatch) -> Client:
    from django.contrib.auth import get_user_model

    from chengdan.modules.people.web import middleware

    client.force_login(get_user_model().objects.get(pk=api_person.user_id))

    def actor(self: Any, request: Any, request_id: str) -> Actor:
        return api_person

    monkeypatch.setattr(middleware.ActorMiddleware, "_actor", actor)
    return client


def upload(client: Client, content: bytes, name: str = "w.csv") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = [SimpleUploadedFile(name, content)]
    return client.post(reverse("importing:start"), {"kind": "wares", "sources": files})


def told() -> str:
    """Return what the person was told last."""
    notice = Notice.objects.latest("pk")
    return notice_text(notice.kind, notice.params)


def test_check_confirm_result_and_marked_file(signed_in: Client) -> None:
    assert b"wares" in signed_in.get(reverse("importing:start")).content
    shown = upload(signed_in, csv_bytes(ROWS))["Location"]
    assert b"hx-get" in signed_in.get(shown).content
    imports_run_due()
    page = signed_in.get(shown).content.decode()
    assert "A2" in page
    assert "price:" not in page
    assert "将新建的行" in page
    assert told() == "w.csv 检查完毕：1 行可以导入，1 行不能；尚未保存任何内容"
    job = ImportJob.objects.get()
    progress = signed_in.get(reverse("importing:progress", args=[job.pk]))
    assert progress["HX-Refresh"] == "true"
    assert not ParameterValue.objects.exists()
    done = signed_in.post(reverse("importing:confirm", args=[job.pk]))["Location"]
    imports_run_due()
    assert ParameterValue.objects.count() == 1
    acts = {act.code: act for act in signed_in.get(shown).context["head"].acts}
    assert "confirm" not in acts
    assert acts["imported"].url == done
    again = signed_in.post(reverse("importing:confirm", args=[job.pk]))["Location"]
    assert again == done
    assert ImportJob.objects.filter(is_dry_run=False).count() == 1
    assert "已新建的行" in signed_in.get(done).content.decode()
    assert told() == "w.csv 导入完毕：成功 1 行，未导入 1 行"
    real = ImportJob.objects.get(is_dry_run=False)
    for kind in ("csv", "xlsx"):
        file = signed_in.get(reverse("importing:marked", args=[real.pk, kind]))
        assert f'filename="wares-refused-{clock.today()}.{kind}"' in file["Content-Disposition"]
        if kind == "csv":
            lines = file.content.decode("utf-8-sig").splitlines()
            assert len(lines) == 2
            assert lines[1].startswith("A2,-1,3,")
            assert "price:" not in lines[1]
    assert signed_in.get(reverse("importing:list")).status_code == 200
    assert signed_in.get(reverse("importing:marked", args=[real.pk, "exe"])).status_code == 404


def test_a_check_that_takes_no_row_offers_no_import(signed_in: Client) -> None:
    shown = upload(signed_in, csv_bytes([ROWS[0], ROWS[2]]))["Location"]
    imports_run_due()
    acts = {act.code: act for act in signed_in.get(shown).context["head"].acts}
    assert str(acts["confirm"].disabled) == "没有可导入的行。"
    assert not acts["confirm"].primary


def test_a_check_lists_what_would_change(signed_in: Client) -> None:
    from chengdan.kernel.importing.kinds import CHANGE
    from chengdan.kernel.importing.models import ImportRowMark

    shown = upload(signed_in, csv_bytes(ROWS))["Location"]
    imports_run_due()
    job = ImportJob.objects.get()
    said = {"field": "price", "code": CHANGE, "message": "1 → 2", "row": 2}
    ImportRowMark.objects.filter(job=job, state="created").update(
        state="updated", issues=json.dumps([said])
    )
    page = signed_in.get(shown).content.decode()
    assert "Price: 1 → 2" in page


def test_a_bad_file_is_refused_on_the_page_and_a_job_that_fails_says_why(
    signed_in: Client,
) -> None:
    assert upload(signed_in, b"").status_code in {302, 422}
    shown = upload(signed_in, b"PK\x03\x04", "../../x.xlsx")["Location"]
    imports_run_due()
    job = ImportJob.objects.latest("pk")
    assert (job.state, bool(job.error)) == ("failed", True)
    assert job.error in signed_in.get(shown).content.decode()
    assert job.source_name == "x.xlsx"


def test_files_that_are_too_large_together_are_not_read(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from chengdan.kernel.importing import pages
    from chengdan.kernel.importing.limits import Limits

    monkeypatch.setattr(pages, "LIMITS", Limits(file_bytes=100))
    files = [SimpleUploadedFile(f"{number}.csv", b"x" * 60) for number in range(2)]
    asked = {"kind": "wares", "sources": files}
    assert signed_in.post(reverse("importing:start"), asked).status_code == 422
    assert not ImportJob.objects.exists()


def test_a_template_has_the_columns_and_foreign_jobs_are_not_found(signed_in: Client) -> None:
    response = signed_in.get(reverse("importing:template", args=["wares"]))
    assert response.content.startswith(b"PK")
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert signed_in.get(reverse("importing:template", args=["none"])).status_code == 404
    assert signed_in.get(reverse("importing:show", args=[999])).status_code == 404
    assert signed_in.post(reverse("importing:cancel", args=[999])).status_code == 404


def test_the_imported_template_leaves_its_sample_out(signed_in: Client) -> None:
    content = signed_in.get(reverse("importing:template", args=["wares"])).content
    shown = upload(signed_in, content, "t.xlsx")["Location"]
    imports_run_due()
    job = ImportJob.objects.get()
    assert (job.state, job.rows_read, job.rows_skipped) == ("done", 1, 1), (job.error, shown)


def test_a_list_is_exported_with_the_rows_of_the_screen(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chengdan.kernel.exporting import services
    from chengdan.kernel.exporting.models import ExportRun

    upload(signed_in, csv_bytes(ROWS))
    address = reverse("importing:list") + "?_part=export&format=csv"
    response = signed_in.get(address)
    assert response.status_code == 200
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert ExportRun.objects.get().row_count == 1
    monkeypatch.setattr(services, "direct_rows", lambda actor: 0)
    assert signed_in.get(address).status_code == 302
    monkeypatch.setattr(
        services, "caller_get", lambda user_id, company_id: _actor(user_id, company_id)
    )
    assert services.exports_run_due() == 1
    run = ExportRun.objects.latest("pk")
    assert (run.state, run.row_count, run.error) == ("done", 1, "")
    fetched = signed_in.get(reverse("exporting:fetch", args=[run.pk]))
    assert b"w.csv" in b"".join(fetched.streaming_content)  # type: ignore[attr-defined]
    assert signed_in.get(reverse("exporting:list")).status_code == 200
    assert signed_in.get(reverse("exporting:fetch", args=[999])).status_code == 404


def _actor(user_id: int, company_id: int) -> Actor:
    return Actor(user_id=user_id, name="Probe", company_id=company_id)


def test_a_token_is_shown_once_and_can_be_withdrawn(signed_in: Client) -> None:
    made = signed_in.post(
        reverse("tokens:issue"), {"name": "erp", "days": "30", "scopes": ["kernel.*"]}
    )
    token = ApiToken.objects.get()
    shown = made.content.decode()
    assert token.prefix in shown
    assert reverse("ui:language") not in shown, "another language would lose the token"
    again = signed_in.get(reverse("tokens:list")).content.decode()
    assert "erp" in again
    assert reverse("ui:language") in again
    bad = signed_in.post(reverse("tokens:issue"), {"name": "", "days": "x", "scopes": ["no"]})
    assert bad.status_code == 422
    assert f'name="next" value="{reverse("tokens:issue")}"' not in bad.content.decode()
    assert signed_in.post(reverse("tokens:revoke", args=[token.pk])).status_code == 302
    assert signed_in.post(reverse("tokens:revoke", args=[999])).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_that_works_is_never_hidden_behind_ended_ones(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengdan.kernel.http.pages.SHOWN_MAX", 2)
    for name in ("works", "first", "second"):
        signed_in.post(
            reverse("tokens:issue"), {"name": name, "days": "30", "scopes": ["kernel.*"]}
        )
        if name != "works":
            newest = ApiToken.objects.latest("pk").pk
            signed_in.post(reverse("tokens:revoke", args=[newest]))
    shown = signed_in.get(reverse("tokens:list")).context["tokens"]
    assert [token.name for token, _state in shown] == ["works", "second"]
