"""Writing, removing and reading comments."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.codes import audit_declare
from chengdan.kernel.audit.record import audit_record
from chengdan.kernel.callers import caller_find
from chengdan.kernel.comments.models import Comment
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.notices.kinds import notice_kind_declare
from chengdan.kernel.notices.services import notices_send
from chengdan.kernel.targets import target_load
from chengdan.kernel.transactions import write

TEXT_MAX = 5000
MENTIONED_MAX = 50
WRITTEN = audit_declare("kernel.comment.written", _("Comment written"))
REMOVED = audit_declare("kernel.comment.removed", _("Comment removed"))
MENTION = notice_kind_declare(
    "kernel.mention", _("%(author)s mentioned you in a comment on %(document)s")
)


def comment_add(
    *,
    actor: Actor,
    target_type: str,
    target_id: int,
    text: str,
    mentioned: Sequence[int] = (),
) -> Comment:
    """Write a comment and tell the people mentioned who may see the document.

    Raises:
        NotFoundError: the document is not open to the actor.
        InvalidError: empty, too long, or too many mentions.
    """
    target, obj = target_load(actor, target_type, target_id)
    text = "".join(c for c in text if c >= " " or c in "\t\n").strip()
    if not 0 < len(text) <= TEXT_MAX:
        raise InvalidError(FieldIssue("text", "length", _("Write 1 to 5,000 characters.")))
    if len(mentioned) > MENTIONED_MAX:
        raise InvalidError(FieldIssue("mentioned", "many", _("Mention at most 50 people.")))
    company_id = getattr(obj, "company_id", None) or actor.company_id
    readers = [pk for pk in dict.fromkeys(mentioned) if _may_see(pk, company_id, target.code, obj)]
    with write():
        row = Comment.objects.create(
            target_type=target_type,
            target_id=target_id,
            company_id=company_id,
            author_id=actor.user_id,
            author_name=actor.name,
            text=text,
            mentioned=readers,
            created_at=clock.now(),
        )
        audit_record(actor, WRITTEN, row, after={"mentioned": readers}, personal={"text": text})
        notices_send(
            actor,
            MENTION,
            [pk for pk in readers if pk != actor.user_id],
            params={"author": actor.name, "document": target.title(obj)},
            url=target.url(obj),
        )
    return row


def _may_see(user_id: int, company_id: int | None, code: str, obj: object) -> bool:
    reader = caller_find(user_id, company_id)
    if reader is None:
        return False
    try:
        target_load(reader, code, getattr(obj, "pk", 0))
    except (NotFoundError, ForbiddenError):
        return False
    return True


def comment_remove(*, actor: Actor, comment_id: int) -> Comment:
    """Hide one's own comment.

    Raises:
        NotFoundError: none, or on a document that is not open to the actor.
        ForbiddenError: somebody else's.
    """
    row = Comment.objects.filter(pk=comment_id, removed_at=None).first()
    if row is None:
        raise NotFoundError
    target_load(actor, row.target_type, row.target_id)
    if row.author_id != actor.user_id and not actor.is_system:
        raise ForbiddenError
    with write():
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        audit_record(actor, REMOVED, row)
    return row


def comments_of(target_type: str, target_id: int) -> list[Comment]:
    """Return the comments of a document that the caller has already opened for the actor."""
    rows = Comment.objects.filter(target_type=target_type, target_id=target_id, removed_at=None)
    return list(rows.order_by("pk"))
