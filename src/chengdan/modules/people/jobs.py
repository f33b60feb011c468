"""Deferred work: mails with links, clearing of old sessions and attempts."""

from __future__ import annotations

from typing import Any

from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import job_handler, periodic
from chengdan.modules.people.models import User
from chengdan.modules.people.services.login import attempts_clear
from chengdan.modules.people.services.passwords import token_make
from chengdan.modules.people.services.sessions import sessions_clear
from chengdan.modules.people.services.users import MAIL_JOB

_PAGES = {"invite": "people_account:invite", "reset": "people_account:reset"}


@job_handler(MAIL_JOB)
def mail_link(actor: Actor, payload: dict[str, Any]) -> None:
    """Send the link to everybody whom the typed name or address means; nobody when unknown.

    The token is made here and never stored.
    """
    login, purpose = payload["login"], payload["purpose"]
    people = User.objects.filter(
        Q(username__iexact=login) | Q(email__iexact=login), is_active=True
    ).exclude(email="")
    for user in people[:5]:
        with translation.override(user.language):
            path = reverse(_PAGES[purpose], args=[token_make(user, purpose)])
            context = {"user": user, "link": payload["base_url"] + path, "purpose": purpose}
            subject = _("Your account") if purpose == "invite" else _("Choose a new password")
            body = render_to_string("people/mail_link.txt", context)
            send_mail(subject, body, None, [user.email])


periodic("people.sessions_clear", daily_at="03:40")(sessions_clear)
periodic("people.attempts_clear", every_seconds=3600)(attempts_clear)
