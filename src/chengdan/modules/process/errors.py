"""Refusals of the engine."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import ConflictError, ForbiddenError, NotFoundError, RuleError


class AlreadyDecidedError(ConflictError):
    """Somebody else decided first (race C1)."""

    default_code = "already_decided"
    default_message = _("Already decided by %(name)s at %(at)s.")


class TaskClosedError(ConflictError):
    """The task went away: withdrawn, returned or cancelled."""

    default_code = "task_closed"
    default_message = _("This task is no longer open.")


class StepNotOpenError(ConflictError):
    """The step that an act would complete is not the one that stands open."""

    default_code = "step_not_open"
    default_message = _("The step %(step)s is not open now.")


class NotAssignedError(ForbiddenError):
    """The task is somebody else's."""

    default_code = "not_assigned"
    default_message = _("This task belongs to somebody else.")


class StandInError(ForbiddenError):
    """The person was asked because nobody is there whose signature counts."""

    default_code = "stand_in"
    default_message = _(
        "You were asked because nobody is there whose signature counts. Hand this to whoever takes "
        "the seat, or return or refuse it."
    )


class OwnDocumentError(ForbiddenError):
    """Nobody approves what they submitted, not even in somebody else's name."""

    default_code = "own_document"
    default_message = _("Somebody else must approve what you submitted.")


class SignedAlreadyError(ForbiddenError):
    """Several signatures of one step come from several people."""

    default_code = "signed_already"
    default_message = _("You have signed this step already; it needs another person.")


class AmountAboveDeputyError(ForbiddenError):
    """A deputy may decide up to an amount only."""

    default_code = "deputy_amount"
    default_message = _("As a deputy you may decide up to %(limit)s only.")


class AlreadyRunningError(ConflictError):
    """The process runs already for this document."""

    default_code = "already_running"
    default_message = _("This process is already running for the document.")


class NotPublishedError(NotFoundError):
    """No version of the process is published."""

    default_code = "not_published"
    default_message = _("The process %(code)s is not published.")


class SubjectUnknownError(RuleError):
    """Nobody registered this kind of document."""

    default_code = "subject_unknown"
    default_message = _("No process knows documents of the kind %(subject)s.")


class HeldError(ConflictError):
    """The process is on hold or stopped by a fault."""

    default_code = "instance_stopped"
    default_message = _("The process is stopped (%(state)s).")


class UrgedAlreadyError(RuleError):
    """Urged a moment ago."""

    default_code = "urged_already"
    default_message = _("Urged at %(at)s; possible again after %(minutes)s minutes.")


class TransferError(RuleError):
    """The task can't be handed to that person."""

    default_code = "transfer_target"
    default_message = _("Hand it to somebody else: not to yourself or to a current signer.")


class TakerRightError(RuleError):
    """A task can't be handed to somebody who may not do its act."""

    default_code = "taker_right"
    default_message = _(
        "%(name)s may not do this step. Hand it to somebody with the right, or name a deputy."
    )


class TakerError(RuleError):
    """An approval can't be handed to somebody without the authority for it."""

    default_code = "taker"
    default_message = _(
        "An approval goes only to a superior, to a named deputy, or to whom the step itself names."
    )


class ReturnTargetError(RuleError):
    """The step is no earlier step that was done."""

    default_code = "return_target"
    default_message = _("It can't be returned to the step %(step)s.")
