"""What the kernel itself registers: verifiers and periodic tasks."""

from chengdan.kernel.audit import verify as audit_verify
from chengdan.kernel.idempotency import keys_expire
from chengdan.kernel.numbering import gaps as number_gaps
from chengdan.kernel.outbox.handlers import periodic

periodic("kernel.idempotency_expire", daily_at="03:20")(keys_expire)

__all__ = ["audit_verify", "number_gaps"]
