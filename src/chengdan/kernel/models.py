"""Every table of the kernel, gathered for Django."""

from chengdan.kernel.audit.models import AuditAnchor, AuditEntry, AuditPersonal
from chengdan.kernel.idempotency import IdempotencyKey
from chengdan.kernel.outbox.models import OutboxMessage, PeriodicRun
from chengdan.kernel.parameters import ParameterValue

__all__ = [
    "AuditAnchor",
    "AuditEntry",
    "AuditPersonal",
    "IdempotencyKey",
    "OutboxMessage",
    "ParameterValue",
    "PeriodicRun",
]
