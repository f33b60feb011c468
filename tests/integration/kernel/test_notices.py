"""Notices and comments: who is told what, once, in which language, by mail."""

import pytest
from django.core import mail
from django.test import override_settings
from django.utils.translation import override

from chengdan.kernel import targets
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.comments import comment_add, comment_remove, comments_of
from chengdan.kernel.comments import services as comment_services
from chengdan.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.notices import kinds, notices_read, notices_send
from chengdan.kernel.notices import services as notice_services
from chengdan.kernel.notices.kinds import NoticeKind, notice_text
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.notices.services import notice_mail_one, notices_unread
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.targets import Target
from chengdan.kernel.transactions import unguarded, write
from chengdan.kernel.ui import hooks
from chengdan.kernel.workcalendar.models import WorkCalendar

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", 1)
AUTHOR = Actor(7, "李明朗", 1)
READER = Actor(8, "Reader", 1)
KIND = "tests.news"


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = NoticeKind(KIND, "%(number)s is late", True)
    monkeypatch.setitem(kinds._kinds._items, KIND, kind)


def send(*user_ids: int, key: str = "") -> int:
    with write():
        return notices_send(
            SYSTEM, KIND, user_ids, params={"number": "SO1"}, url="/orders/1/", key=key
        )


def test_each_reader_has_an_own_row_and_reads_it_alone() -> None:
    assert send(7, 8, 8) == 2
    assert notices_unread(AUTHOR) == 1
    assert notices_read(actor=AUTHOR) == 1
    assert notices_unread(AUTHOR) == 0
    assert notices_unread(READER) == 1
    foreign = Notice.objects.get(user_id=8)
    assert notices_read(actor=AUTHOR, notice_ids=[foreign.pk]) == 0


def test_a_key_tells_nobody_twice() -> None:
    assert send(7, key="order 1") == 1
    assert send(7, 8, key="order 1") == 1
    assert send(7, key="order 2") == 1
    assert Notice.objects.count() == 3


def test_texts_survive_missing_values_and_unknown_kinds() -> None:
    assert notice_text(KIND, {"number": "SO1"}) == "SO1 is late"
    assert notice_text(KIND, {}) == "%(number)s is late"
    assert notice_text("tests.unknown", {}, "en") == "Notice"
    with pytest.raises(KeyError), write():
        notices_send(SYSTEM, "tests.unknown", [7])
    with pytest.raises(RuntimeError):
        notices_send(SYSTEM, KIND, [7])


def test_mail_is_a_job_and_only_where_mail_is_set_up() -> None:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend"):
        send(7)
    assert not OutboxMessage.objects.exists()
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend"):
        send(7)
    assert OutboxMessage.objects.get().topic == notice_services.MAIL_JOB


def test_a_mail_holds_the_text_and_cannot_be_split_by_line_breaks() -> None:
    payload = {
        "kind": KIND,
        "params": {"number": "SO1\r\nBcc: everybody@example.com"},
        "url": "/orders/1/",
        "to": "a@example.com",
        "language": "en",
    }
    with override_settings(CHENGDAN_SITE_URL="https://sales.example"), override("en"):
        notice_mail_one(SYSTEM, payload)
    message = mail.outbox[0]
    assert message.subject == "SO1 Bcc: everybody@example.com is late"
    assert message.recipients() == ["a@example.com"]
    assert "https://sales.example/orders/1/" in message.body


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> WorkCalendar:
    def load(actor: Actor, pk: int) -> WorkCalendar:
        if actor.user_id == 9:
            raise NotFoundError
        return WorkCalendar.objects.get(pk=pk)

    target = Target("tests.doc", load, "tests.doc:view", title=lambda obj: "SO1")
    monkeypatch.setitem(targets._targets._items, "tests.doc", target)
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: True)
    people = {7: AUTHOR, 8: READER, 9: Actor(9, "Outsider", 1)}
    monkeypatch.setattr(
        comment_services, "caller_find", lambda user_id, company_id: people.get(user_id)
    )
    with unguarded():
        return WorkCalendar.objects.create(code="doc", company_id=1)


def test_mentioned_readers_are_told_outsiders_are_not(document: WorkCalendar) -> None:
    row = comment_add(
        actor=AUTHOR,
        target_type="tests.doc",
        target_id=document.pk,
        text="  请看一下\x00 ",
        mentioned=[7, 8, 9, 10],
    )
    assert row.text == "请看一下"
    assert row.mentioned == [7, 8]
    assert list(Notice.objects.values_list("user_id", flat=True)) == [8]
    assert audit_history(row)[0].after["text"] == "请看一下"
    assert comments_of("tests.doc", document.pk) == [row]


def test_comments_are_refused_and_removed(document: WorkCalendar) -> None:
    def add(actor: Actor, text: str) -> int:
        comment = comment_add(
            actor=actor, target_type="tests.doc", target_id=document.pk, text=text
        )
        return comment.pk

    for text in ("", "  ", "x" * 5001):
        with pytest.raises(InvalidError):
            add(AUTHOR, text)
    with pytest.raises(NotFoundError):
        add(Actor(9, "Outsider", 1), "hello")
    pk = add(AUTHOR, "hello")
    with pytest.raises(ForbiddenError):
        comment_remove(actor=READER, comment_id=pk)
    comment_remove(actor=AUTHOR, comment_id=pk)
    assert comments_of("tests.doc", document.pk) == []
    with pytest.raises(NotFoundError):
        comment_remove(actor=AUTHOR, comment_id=pk)
