"""Every change of the credit ledger; other rooms import from here."""

from chengdan.modules.credit.access import (
    accounts_require_held,
    credit_account_lock,
    credit_account_lock_with,
    credit_accounts_lock,
)
from chengdan.modules.credit.rules import Claim, CreditVerdict, Source, Totals
from chengdan.modules.credit.services.earmark import (
    credit_earmark,
    credit_shortfall_release,
    credit_unearmark,
)
from chengdan.modules.credit.services.ledger import (
    Move,
    Release,
    credit_post,
    credit_promise,
)
from chengdan.modules.credit.services.limits import (
    LimitRow,
    credit_limit_approve,
    credit_limit_propose,
    credit_limit_refuse,
    credit_limit_withdraw,
    credit_limits_load,
)
from chengdan.modules.credit.services.reserve import (
    Reservation,
    credit_evaluate,
    credit_evaluate_locked,
    credit_free,
    credit_release_record,
    credit_reserve,
)
from chengdan.modules.credit.vocabulary import (
    Band,
    Bucket,
    LedgerError,
    OverLimitError,
    ShortfallError,
)

__all__ = [
    "Band", "Bucket", "Claim", "CreditVerdict", "LedgerError", "LimitRow", "Move",
    "OverLimitError", "Release", "Reservation", "ShortfallError", "Source", "Totals",
    "accounts_require_held", "credit_account_lock", "credit_account_lock_with",
    "credit_accounts_lock", "credit_earmark", "credit_evaluate",
    "credit_evaluate_locked", "credit_free", "credit_limit_approve", "credit_limit_propose",
    "credit_limit_refuse", "credit_limit_withdraw", "credit_limits_load", "credit_post",
    "credit_promise", "credit_release_record", "credit_reserve", "credit_shortfall_release",
    "credit_unearmark",
]  # fmt: skip
