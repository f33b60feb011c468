"""What the kernel itself registers: verifiers, jobs and periodic tasks."""

from chengdan.kernel.attachments.services import attachments_sweep
from chengdan.kernel.audit import verify as audit_verify
from chengdan.kernel.comments import services as comments
from chengdan.kernel.idempotency import keys_expire
from chengdan.kernel.notices import services as notices
from chengdan.kernel.numbering import gaps as number_gaps
from chengdan.kernel.outbox.handlers import periodic

periodic("kernel.idempotency_expire", daily_at="03:20")(keys_expire)
periodic("kernel.attachments_sweep", daily_at="03:40")(attachments_sweep)

__all__ = ["audit_verify", "comments", "notices", "number_gaps"]
