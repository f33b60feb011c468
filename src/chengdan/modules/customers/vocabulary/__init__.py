"""The words of the room: choices, rights, audit codes, events, errors, parameters, checks."""

from chengdan.modules.customers.vocabulary.checks import (
    ActivationCheck,
    CustomerFacts,
    Missing,
    activation_check_register,
    activation_checks,
)
from chengdan.modules.customers.vocabulary.choices import (
    AddressKind,
    CreditGrade,
    CustomerStatus,
    FunnelClass,
    ImportanceClass,
    InvoiceKind,
    RelationClass,
    TermBasis,
    ValueClass,
)
from chengdan.modules.customers.vocabulary.errors import (
    ActivationError,
    CustomerNotActiveError,
    DuplicateError,
    DuplicateHint,
)
from chengdan.modules.customers.vocabulary.events import (
    CustomerActivated,
    CustomerClosed,
    CustomerCreated,
    CustomerHandedOver,
    CustomerSuspended,
    CustomerUpdated,
)

__all__ = [
    "ActivationCheck",
    "ActivationError",
    "AddressKind",
    "CreditGrade",
    "CustomerActivated",
    "CustomerClosed",
    "CustomerCreated",
    "CustomerFacts",
    "CustomerHandedOver",
    "CustomerNotActiveError",
    "CustomerStatus",
    "CustomerSuspended",
    "CustomerUpdated",
    "DuplicateError",
    "DuplicateHint",
    "FunnelClass",
    "ImportanceClass",
    "InvoiceKind",
    "Missing",
    "RelationClass",
    "TermBasis",
    "ValueClass",
    "activation_check_register",
    "activation_checks",
]
