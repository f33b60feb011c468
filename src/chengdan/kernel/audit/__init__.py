"""The append-only history of every change: who, when, what, why, chained per document."""

from chengdan.kernel.audit.codes import audit_codes, audit_declare, audit_title
from chengdan.kernel.audit.fields import audit_fields_register
from chengdan.kernel.audit.guard import audited
from chengdan.kernel.audit.names import audit_names_register
from chengdan.kernel.audit.record import AuditRow, audit_record, audit_record_many
from chengdan.kernel.audit.selectors import AuditView, audit_history, audit_waiting

__all__ = [
    "AuditRow",
    "AuditView",
    "audit_codes",
    "audit_declare",
    "audit_fields_register",
    "audit_history",
    "audit_names_register",
    "audit_record",
    "audit_record_many",
    "audit_title",
    "audit_waiting",
    "audited",
]
