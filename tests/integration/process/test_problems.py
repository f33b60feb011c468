"""The OSB problem record from opening to closing."""

from datetime import timedelta
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.people.models import Role, RolePermission
from chengdan.modules.process import services
from chengdan.modules.process.services import ProblemDraft
from tests.fixtures.process import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def draft(town: Town, **more: Any) -> ProblemDraft:
    values = {"company_id": town.company_id, "owner_id": town.user["dora"], "source": "manual",
              "topic": "manual", "title": "Boxes were wet"}  # fmt: skip
    return ProblemDraft(**(values | more))


@pytest.fixture
def secretary(town: Town) -> Actor:
    with unguarded():
        role = Role.objects.get(code="ssg_leader")
        for verb in ("view", "open", "verify"):
            RolePermission.objects.create(
                role=role, permission=f"process.problem:{verb}", scope="all"
            )
    return town.actor("lena")


@pytest.mark.requirement("ORD-13", partly="the meeting itself comes with a later issue")
def test_opened_explained_verified_closed(town: Town, secretary: Actor) -> None:
    problem = services.problem_open(actor=secretary, draft=draft(town))
    assert problem is not None
    assert problem.number == "OSB26-0001"
    dora, act = town.actor("dora"), {"problem_id": problem.pk}
    with pytest.raises(TransitionError):
        services.problem_close(actor=secretary, **act)
    services.problem_explain(actor=dora, explanation="Rain", action="Cover", **act)
    with pytest.raises(ForbiddenError):
        services.problem_verify(actor=dora, verification="ok", **act)
    services.problem_verify(actor=secretary, verification="Seen", **act)
    services.problem_close(actor=secretary, **act)
    problem.refresh_from_db()
    assert (problem.state, problem.closed_by_id) == ("closed", secretary.user_id)
    services.problem_reopen(actor=secretary, reason="Again wet", **act)
    problem.refresh_from_db()
    assert (problem.state, problem.closed_at) == ("open", None)


def test_somebody_else_becomes_responsible_and_gets_the_usual_time(
    town: Town, secretary: Actor
) -> None:
    problem = services.problem_open(actor=secretary, draft=draft(town))
    assert problem is not None
    act = {"problem_id": problem.pk, "owner_id": town.user["finn"], "reason": "Finn packs them"}
    for wrong in ({"owner_id": town.user["dora"]}, {"owner_id": 10**6}, {"reason": " "}):
        with pytest.raises(InvalidError):
            services.problem_hand_over(actor=secretary, **(act | wrong))
    with pytest.raises(ForbiddenError):
        services.problem_hand_over(actor=town.actor("dora"), **act)
    with pytest.raises(ConflictError):
        services.problem_hand_over(actor=secretary, expected_version=9, **act)
    own = services.problem_open(actor=secretary, draft=draft(town, owner_id=town.user["lena"]))
    assert own is not None
    with pytest.raises(ForbiddenError):
        services.problem_hand_over(actor=secretary, **(act | {"problem_id": own.pk}))
    text = {"problem_id": problem.pk, "explanation": "Rain", "action": "Cover"}
    services.problem_explain(actor=town.actor("dora"), **text)
    with clock.at(clock.now() + timedelta(days=14)):
        found = services.problem_hand_over(actor=secretary, **act)
        assert (found.owner_id, found.state) == (town.user["finn"], "open")
        assert found.due_at is not None
        assert found.due_at > clock.now()
        outbox_drain()
    told = Notice.objects.filter(kind__in=("process.problem", "process.passed"))
    said = {(notice.kind, notice.user_id): notice for notice in told}
    assert ("process.problem", town.user["finn"]) in said
    assert "Finn" in str(said["process.passed", town.user["dora"]].params)
    services.problem_explain(actor=town.actor("finn"), **text)
    services.problem_verify(actor=secretary, problem_id=problem.pk, verification="Seen")
    with pytest.raises(TransitionError):
        services.problem_hand_over(actor=secretary, **(act | {"owner_id": town.user["dora"]}))


def test_same_key_opens_once(town: Town, secretary: Actor) -> None:
    system = Actor.system("ratio", town.company_id)
    first = draft(town, key="ratio:2026-10", source="ratio")
    assert services.problem_open(actor=system, draft=first) is not None
    assert services.problem_open(actor=system, draft=first) is None


def test_refusals(town: Town, secretary: Actor) -> None:
    with pytest.raises(ForbiddenError):
        services.problem_open(actor=town.actor("finn"), draft=draft(town))
    with pytest.raises(InvalidError):
        services.problem_open(actor=secretary, draft=draft(town, title=" "))
    problem = services.problem_open(actor=secretary, draft=draft(town))
    assert problem is not None
    texts = {"problem_id": problem.pk, "explanation": "a", "action": "b"}
    with pytest.raises(NotFoundError):
        services.problem_explain(actor=town.actor("finn"), **texts)
    with pytest.raises(ConflictError):
        services.problem_explain(actor=secretary, expected_version=9, **texts)
    with pytest.raises(InvalidError):
        services.problem_explain(actor=secretary, **{**texts, "action": ""})
