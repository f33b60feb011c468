"""Refusals of the room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import ConflictError, RuleError


class CycleError(RuleError):
    """A unit, seat or territory would stand above itself."""

    default_code = "people.cycle"
    default_message = _("This would put something above itself.")


class OwnRightsError(RuleError):
    """Nobody raises the own rights."""

    default_code = "people.own_rights"
    default_message = _("You can't raise your own rights. Ask another administrator.")


class LastAdministratorError(RuleError):
    """Somebody must stay able to grant rights."""

    default_code = "people.last_administrator"
    default_message = _(
        "After this nobody could grant rights any more. Name another administrator first."
    )


class SeatTakenError(ConflictError):
    """The seat has a holder in that time."""

    default_code = "people.seat_taken"
    default_message = _("%(person)s holds this position from %(start)s.")


class FixedSeatsError(RuleError):
    """The number of seats of a leadership body is fixed (ORG-02, ORG-03)."""

    default_code = "people.fixed_seats"
    default_message = _("“%(unit)s” has exactly %(count)s seats.")


class InUseError(RuleError):
    """Something still depends on it."""

    default_code = "people.in_use"
    default_message = _("“%(name)s” is still in use: %(uses)s.")


class LoginRefusedError(RuleError):
    """Name or password is wrong, or too many attempts; the answer never says which name exists."""

    default_code = "people.login_refused"
    default_message = _("Name or password is not right.")


class LinkExpiredError(RuleError):
    """The link was used, is too old or was altered."""

    default_code = "people.link_expired"
    default_message = _("This link is no longer valid. Ask for a new one.")
