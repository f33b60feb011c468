"""Loading, locking and authorising: who may see, decide and manage a run of a process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.prepared import prepared
from chengdan.modules.people import access as rights
from chengdan.modules.people import selectors as people
from chengdan.modules.process.errors import (
    AlreadyDecidedError,
    AmountAboveDeputyError,
    HeldError,
    NotAssignedError,
    OwnDocumentError,
    SignedAlreadyError,
    StandInError,
    TaskClosedError,
)
from chengdan.modules.process.models import Instance, ProblemRecord, Task
from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.selectors.assignees import Setting, stands_in, still_counts
from chengdan.modules.process.selectors.deputies import principals_of
from chengdan.modules.process.selectors.names import person_name
from chengdan.modules.process.subjects import ProcessSubject, subject_load, subject_lock
from chengdan.modules.process.vocabulary import (
    INSTANCE_MANAGE,
    INSTANCE_VIEW,
    OPEN_STATES,
    PROBLEM_VERIFY,
    PROBLEM_VIEW,
    InstanceState,
    TaskState,
)


@dataclass(frozen=True, slots=True)
class Locked:
    """An instance and its document, both locked and read after the lock."""

    instance: Instance
    subject: ProcessSubject


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed: the kind of document, its company, and the gross amount if it has one."""

    document_type: str
    company_id: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Signature:
    """In whose name an actor decides: the principal and the recorded consent, or nobody's."""

    on_behalf_of_id: int | None = None
    consent: str = ""


def instance_lock(instance_id: int, subject_of: tuple[str, int] | None = None) -> Locked:
    """Lock the document of an instance, then the instance.

    Args:
        subject_of: type and id of the document where the caller knows them already.

    Every act locks the document first, so the row of the instance is locked without a rank:
    nobody waits for it, and acts on related documents may follow in the same transaction.

    Raises:
        NotFoundError: there is no such instance.
        RuntimeError: outside `write()`.
    """
    rows = Instance.objects.filter(pk=instance_id)
    peek = subject_of or rows.values_list("subject_type", "subject_id").first()
    if peek is None:
        raise NotFoundError
    subject = subject_lock(*peek)
    return Locked(_instance_locked(instance_id)[0], subject)


@prepared
def _instance_locked(instance_id: int) -> QuerySet[Instance]:
    return Instance.objects.filter(pk=instance_id).select_for_update(of=("self",))


def instances_open_for(subject_type: str, subject_id: int) -> list[int]:
    """Return the ids of the open processes of a document, oldest first."""
    return _open_for(subject_type, subject_id)


@prepared
def _open_for(subject_type: str, subject_id: int) -> QuerySet[Instance, int]:
    rows = Instance.objects.filter(
        subject_type=subject_type, subject_id=subject_id, state__in=OPEN_STATES
    )
    return rows.order_by("pk").values_list("pk", flat=True)


def may_see(
    actor: Actor,
    instance: Instance,
    subject: ProcessSubject | None = None,
    tasks: Iterable[Task] = (),
) -> bool:
    """True for everybody who takes part, for process viewers in scope, and as the room says.

    Args:
        tasks: some of the instance that were read already; all of them count anyway.
    """
    if actor.is_system or rights.can(actor, INSTANCE_VIEW, instance):
        return True
    if actor.user_id is None or actor.company_id != instance.company_id:
        return False
    if instance.initiator_id == actor.user_id or instance.fault_owner_id == actor.user_id:
        return True
    names = [actor.user_id, *principals_of(actor, instance.subject_type)]
    if any(task.assignee_id in names or task.decided_by_id == actor.user_id for task in tasks):
        return True
    part = Q(assignee_id__in=names) | Q(decided_by_id=actor.user_id)
    if Task.objects.filter(part, instance=instance).exists():
        return True
    subject = subject or subject_load(instance.subject_type, instance.subject_id)
    return subject.may_view(actor)


def access_instance_for_view(actor: Actor, instance_id: int) -> Instance:
    """Return the instance.

    Raises:
        NotFoundError: missing or invisible.
    """
    rows = Instance.objects.select_related("definition", "definition_version", "initiator")
    found = rows.filter(pk=instance_id).first()
    if found is None or not may_see(actor, found):
        raise NotFoundError
    return found


def access_instance_for_manage(actor: Actor, instance_id: int) -> Locked:
    """Return the locked instance for its fault's owner or a process manager.

    Raises:
        NotFoundError: missing or invisible.
        ForbiddenError: visible without the right.
    """
    locked = instance_lock(instance_id)
    if not may_see(actor, locked.instance, locked.subject):
        raise NotFoundError
    is_owner = actor.user_id is not None and locked.instance.fault_owner_id == actor.user_id
    if not is_owner:
        rights.authorise(actor, INSTANCE_MANAGE, locked.instance)
    return locked


def access_instance_for_withdraw(actor: Actor, instance_id: int) -> Locked:
    """Return the locked instance for its initiator.

    Raises:
        NotFoundError: missing or invisible.
        ForbiddenError: somebody else's.
    """
    locked = instance_lock(instance_id)
    if not may_see(actor, locked.instance, locked.subject):
        raise NotFoundError
    if not actor.is_system and actor.user_id != locked.instance.initiator_id:
        raise ForbiddenError
    return locked


def signature_for(actor: Actor, task: Task, instance: Instance) -> Signature:
    """Return in whose name the actor may decide the task (ORG-20).

    Nobody signs in the name of a person whose account is disabled.

    Raises:
        NotAssignedError: neither the assignee nor a deputy for this kind of document today.
        AmountAboveDeputyError: a deputy for smaller amounts only.
    """
    if actor.user_id is None or not _is_active(actor.user_id):
        raise NotAssignedError
    if task.assignee_id == actor.user_id:
        return Signature()
    signed = Signed(task.subject_type, instance.company_id, instance.amount)
    return signature_lent(actor, task.assignee_id, signed)


def signature_lent(actor: Actor, principal_id: int, signed: Signed) -> Signature:
    """Return the signature that the actor gives as the deputy of somebody (ORG-20).

    Also rooms whose documents run through no process ask here.

    Raises:
        NotAssignedError: no deputy of that person for this kind of document today.
        AmountAboveDeputyError: a deputy for smaller amounts only.
    """
    if not _is_active(principal_id):
        raise NotAssignedError
    for deputy in people.deputies_for(principal_id, clock.today(), signed.document_type):
        if deputy.deputy_id != actor.user_id or deputy.company_id != signed.company_id:
            continue
        limit = deputy.max_amount
        if limit is not None and signed.amount is not None and signed.amount > limit:
            raise AmountAboveDeputyError(limit=f"{limit:,.2f}")
        return Signature(principal_id, deputy.consent_text)
    raise NotAssignedError


def require_other_person(
    actor: Actor, task: Task, step: Step, instance: Instance, tasks: Iterable[Task]
) -> None:
    """Pass when the person may sign this approval at all, whoever's task it is.

    Args:
        tasks: all tasks of the same pass through the step.

    Raises:
        OwnDocumentError: the person submitted the document.
        SignedAlreadyError: the person gave another signature of the same step.
    """
    if step.kind != "approval":
        return
    if actor.user_id == instance.initiator_id and step.if_initiator != "allow":
        raise OwnDocumentError
    others = [other for other in tasks if other.pk != task.pk and other.state == TaskState.DONE]
    if any(other.decided_by_id == actor.user_id for other in others):
        raise SignedAlreadyError


def require_authority(setting: Setting, task: Task, step: Step) -> None:
    """Pass unless the person was asked only because nobody was there whom the step names.

    Raises:
        StandInError: such a person hands on, returns or refuses, and never approves.
    """
    if stands_in(setting, step, task):
        raise StandInError(rule=step.rule)


def _is_active(user_id: int) -> bool:
    found = people.users_by_ids([user_id]).get(user_id)
    return found is not None and found.is_active


def task_require_open(task: Task, instance: Instance) -> None:
    """Pass while the task may be decided.

    Raises:
        AlreadyDecidedError: somebody was faster; says who and when.
        TaskClosedError: it went away.
        HeldError: the instance is on hold or parked.
    """
    if task.state == TaskState.OPEN:
        if instance.state in (InstanceState.HELD, InstanceState.FAULT):
            raise HeldError(state=instance.get_state_display())
        return
    done = Task.objects.filter(step_run=task.step_run_id, state=TaskState.DONE)
    last = (done.filter(pk=task.pk).first()) or done.order_by("-decided_at", "-pk").first()
    if last is not None and last.decided_at is not None:
        at = date_format(localtime(last.decided_at), "Y-m-d H:i")
        raise AlreadyDecidedError(name=person_name(last.decided_by_id), at=at)
    raise TaskClosedError


def require_still_counts(task: Task, step: Step, setting: Setting) -> None:
    """Pass while the seat that brought the task to its assignee is still the assignee's.

    Raises:
        NotAssignedError: the seat went to somebody else meanwhile.
    """
    if not still_counts(setting, step, task.assignee_id, task.reason):
        raise NotAssignedError


def access_problem_for_view(actor: Actor, problem_id: int) -> ProblemRecord:
    """Return a problem record for its owner or a viewer in scope.

    Raises:
        NotFoundError: missing or invisible.
    """
    found = ProblemRecord.objects.select_related("owner").filter(pk=problem_id).first()
    if found is None or not _problem_seen(actor, found):
        raise NotFoundError
    return found


def _problem_seen(actor: Actor, problem: ProblemRecord) -> bool:
    is_owner = problem.owner_id == actor.user_id and problem.company_id == actor.company_id
    return is_owner or rights.can(actor, PROBLEM_VIEW, problem)


def access_problem_for_explain(actor: Actor, problem_id: int) -> ProblemRecord:
    """Return the locked record for its owner or a verifier.

    Raises:
        NotFoundError, ForbiddenError: invisible, or somebody else's.
    """
    problem = lock_one(ProblemRecord, problem_id, LockRank.PROCESS)
    if not _problem_seen(actor, problem):
        raise NotFoundError
    if problem.owner_id != actor.user_id:
        rights.authorise(actor, PROBLEM_VERIFY, problem)
    return problem


def access_problem_for_verify(actor: Actor, problem_id: int) -> ProblemRecord:
    """Return the locked record for somebody who may verify and is not its owner.

    Raises:
        NotFoundError, ForbiddenError: invisible, no right, or one's own record.
    """
    problem = lock_one(ProblemRecord, problem_id, LockRank.PROCESS)
    if not _problem_seen(actor, problem):
        raise NotFoundError
    rights.authorise(actor, PROBLEM_VERIFY, problem)
    if problem.owner_id == actor.user_id:
        raise ForbiddenError
    return problem
