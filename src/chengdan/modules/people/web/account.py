"""Signing in and out, passwords, the own profile and sessions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    Column,
    DocumentPage,
    Fact,
    FormPage,
    PageHead,
    Table,
    Toast,
    UiForm,
    done,
    page,
    public_page,
    refusals_on,
    render_page,
)
from chengdan.kernel.ui.ids import id_read
from chengdan.modules.people.handlers import client_address
from chengdan.modules.people.models import Role, User, UserSession
from chengdan.modules.people.selectors import companies_of, user_get
from chengdan.modules.people.services.login import login_check
from chengdan.modules.people.services.passwords import (
    password_change,
    password_reset_request,
    password_set_by_link,
    token_user,
)
from chengdan.modules.people.services.sessions import (
    is_live,
    session_company_set,
    session_end,
)
from chengdan.modules.people.services.users import profile_edit
from chengdan.modules.people.web.account_forms import (
    LoginForm,
    NewPasswordForm,
    PasswordForm,
    ProfileForm,
    ResetForm,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"
BOTH = ("GET", "HEAD", "POST")


def base_url(request: HttpRequest) -> str:
    """Return scheme and host as the client reached them, for links in mails."""
    return f"{request.scheme}://{request.get_host()}"


def _language_keep(response: HttpResponseBase, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _target(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else settings.LOGIN_REDIRECT_URL


def _public_form(
    request: HttpRequest, form: UiForm, head: PageHead, submit: str, **more: Any
) -> TemplateResponse:
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "submit": submit, "next": _target(request), **more}
    return render_page(request, "people/public_form.html", head=head, status=status, **context)


@public_page(reason="signing in", methods=BOTH)
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask for name and password."""
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            user = login_check(
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                address=client_address(request),
            )
            login(request, user, backend=BACKEND)
            response = HttpResponseRedirect(_target(request))
            _language_keep(response, user.language)
            return response
    return _public_form(
        request, form, PageHead(_("Sign in")), _("Sign in"),
        demo_users=_demo_users(), ended=request.GET.get("ended", ""), can_reset=True,
    )  # fmt: skip


def _demo_users() -> list[tuple[User, Role]]:
    """Return one person per role for the one-click sign-in; nobody outside demo mode."""
    if not settings.CHENGDAN_DEMO:
        return []
    people = User.objects.filter(is_active=True, assignments__ends_on__isnull=True)
    seats = people.order_by("assignments__position__role__sort", "pk").values_list(
        "pk", "assignments__position__role_id"
    )
    first: dict[int, int] = {}
    for pk, role_id in seats:
        if role_id is not None:
            first.setdefault(role_id, pk)
    users = User.objects.in_bulk(list(first.values()))
    roles = Role.objects.in_bulk(list(first))
    return [(users[pk], roles[role_id]) for role_id, pk in first.items()]


@public_page(reason="one-click sign-in of the demo company; absent elsewhere", methods=["POST"])
def demo_sign_in(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign in as one of the demo people."""
    user = next((user for user, _role in _demo_users() if user.pk == pk), None)
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(_target(request))


@page(permission="", methods=["POST"])
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End this session."""
    logout(request)
    return done(request, reverse("people_account:login"))


@public_page(reason="asking for a reset mail", methods=BOTH)
def reset_ask(request: HttpRequest) -> HttpResponseBase:
    """Send the reset mail; the answer is the same whether or not somebody has that name."""
    form = ResetForm(request.POST or None)
    head = PageHead(_("Forgotten password"))
    if request.method == "POST" and form.is_valid():
        password_reset_request(
            login=form.cleaned_data["login"],
            address=client_address(request),
            base_url=base_url(request),
        )
        return render_page(request, "people/public_note.html", head=head)
    return _public_form(request, form, head, _("Send the link"))


def _by_link(request: HttpRequest, token: str, purpose: str) -> HttpResponseBase:
    user = token_user(token, purpose)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            password_set_by_link(token=token, purpose=purpose, new=form.cleaned_data["new"])
            toast = Toast(_("The password is set. Sign in with it."))
            return done(request, reverse("people_account:login"), toast)
    head = PageHead(_("Choose a password"), hint=user.username)
    return _public_form(request, form, head, _("Set password"))


@public_page(reason="opened by a one-time link from a mail", methods=BOTH)
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose a new password by the link of a reset mail."""
    return _by_link(request, token, "reset")


@public_page(reason="opened by a one-time link from an invitation", methods=BOTH)
def invite(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose the first password by the link of an invitation."""
    return _by_link(request, token, "invite")


@page(permission="", methods=BOTH)
def password(request: HttpRequest) -> HttpResponseBase:
    """Change the own password."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            user = password_change(
                actor=actor_of(request),
                current=form.cleaned_data["current"],
                new=form.cleaned_data["new"],
            )
            login(request, user, backend=BACKEND)
            toast = Toast(_("Password changed; all other sessions have ended."))
            return done(request, reverse("people_account:profile"), toast)
    head = PageHead(_("Change password"))
    return FormPage(form, head, cancel_url=reverse("people_account:profile")).render(request)


@page(permission="")
def profile(request: HttpRequest) -> HttpResponseBase:
    """Show the own account and where it is signed in."""
    user = user_get(actor_of(request).user_id or 0)
    rows = UserSession.objects.filter(user=user, ended_at__isnull=True)
    live = [row for row in rows if is_live(row, clock.now())]
    current = request.session.session_key
    columns = [
        Column("device", _("Device"), clip=True, phone="title"),
        Column("address", _("Network address")),
        Column("started_at", _("Signed in"), kind="day"),
        Column("seen_at", _("Last used"), kind="day"),
        Column(
            "end", "", kind="html", template="people/_session_end.html",
            value=lambda row: "" if row.session_key == current else row.pk,
        ),
    ]  # fmt: skip
    acts = [
        Act("edit", _("Edit"), reverse("people_account:profile_edit"), icon="edit", primary=True),
        Act("password", _("Change password"), reverse("people_account:password"), icon="lock"),
    ]
    return DocumentPage(
        "people.profile",
        user,
        head=PageHead(user.display_name, user.username, acts=acts),
        facts=[
            Fact(_("E-mail"), user.email or "–"),
            Fact(_("Phone"), user.phone or "–"),
            Fact(_("Language"), dict(settings.LANGUAGES).get(user.language, "")),
            Fact(_("Password changed"), user.password_changed_at, kind="day"),
        ],
        tables=[Table(_("My sessions"), columns, live, code="sessions")],
    ).render(request)


@page(permission="", methods=BOTH)
def profile_change(request: HttpRequest) -> HttpResponseBase:
    """Change the own mail, phone and language."""
    user = user_get(actor_of(request).user_id or 0)
    initial = {"email": user.email, "phone": user.phone, "language": user.language}
    form = ProfileForm(request.POST or None, initial=initial)
    url = reverse("people_account:profile")
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            user = profile_edit(actor=actor_of(request), **form.cleaned_data)
            response = done(request, url, Toast(_("Saved.")))
            _language_keep(response, user.language)
            return response
    return FormPage(form, PageHead(_("My profile")), cancel_url=url).render(request)


@page(permission="", methods=["POST"])
def session_stop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End one of the own sessions."""
    session_end(actor=actor_of(request), session_id=pk)
    return done(request, reverse("people_account:profile"), Toast(_("The session has ended.")))


@page(permission="", methods=["POST"])
def company_choose(request: HttpRequest) -> HttpResponseBase:
    """Work in another company."""
    chosen = id_read(request.POST.get("company", ""))
    allowed = {company.pk for company in companies_of(actor_of(request))}
    if chosen is None or chosen not in allowed:
        raise NotFoundError
    session_company_set(session_key=str(request.session.session_key), company_id=chosen)
    return done(request, settings.LOGIN_REDIRECT_URL)
