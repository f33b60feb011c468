"""What the worker does by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import periodic
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.zones import company_time
from chengdan.modules.billing.selectors import collection
from chengdan.modules.billing.services.people import managers
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.people.selectors import companies_of
from chengdan.modules.process.services import ProblemDraft, problem_open
from chengdan.modules.process.vocabulary import ProblemSource, problem_topic_declare

NAME = "billing.ratio_sweep"
TOPIC = problem_topic_declare(
    "bc.collected",
    _("Collected %(percent)s%% of what fell due in %(month)s, goal %(goal)s%%"),
)


@periodic(NAME, daily_at="07:10")
def ratio_sweep() -> int:
    """Open a problem record for every sales manager whose past month is below the goal.

    A month is judged when the last money that still counts for it could have come in. One
    record per month and owner, however often it runs. Where the manager's account is closed, who
    answers instead for the first of the invoices explains.

    Source: BIL-01, BIL-25; decisions §2.
    """
    opened = 0
    for company in companies_of(Actor.system(NAME)):
        with company_time(company.pk):
            opened += _month_judge(company.pk)
    return opened


def _month_judge(company_id: int) -> int:
    """Open the records of one company for the last month that can be judged."""
    opened = 0
    actor = Actor.system(NAME, company_id)
    wait = timedelta(days=parameter_value(company_id, rights.COLLECT_DAYS))
    last = (clock.today() - wait).replace(day=1) - timedelta(days=1)
    found = collection(actor, last.replace(day=1), last)
    for row in found.rows:
        if not row.rate.is_below(found.goal):
            continue
        month = f"{last:%Y-%m}"
        explaining = managers(row.items[0].invoice)
        draft = ProblemDraft(
            company_id=company_id,
            owner_id=next(iter(explaining), row.owner_id),
            source=ProblemSource.RATIO,
            topic=TOPIC,
            unit_id=row.items[0].invoice.unit_id,
            key=f"billing.collected:{month}:{row.owner_id}",
            facts={
                "month": month,
                "due": str(row.rate.due),
                "collected": str(row.rate.collected),
                "percent": str(row.rate.percent),
                "goal": str(found.goal),
            },
        )
        opened += problem_open(actor=actor, draft=draft) is not None
    return opened
