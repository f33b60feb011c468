"""The promise of OP, measured: printed and handed over on the day of acceptance."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.ui import Gauge
from chengdan.kernel.ui.hooks import allowed
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.selectors import orders_visible
from chengdan.modules.people.selectors import company_get


def same_day_filter(value: str, actor: Actor) -> Q:
    """Return the condition of the orders behind the promise: "counted", or "missed" of these.

    Orders that wait for their money or for special treatment are not yet qualified; what was
    taken today is judged when it left or when the day is over.
    """
    company = company_get(actor.company_id or 0)
    zone = clock.local_zone(company.timezone)
    since = clock.now() - timedelta(days=parameter_value(actor.company_id, words.GAUGE_DAYS))
    judged = (
        Order.objects.filter(company_id=company.pk, accepted_at__gte=since, pays_first=False)
        .exclude(Q(status=words.OrderStatus.CANCELLED) | Q(credit_band=words.CreditBand.STOP))
        .annotate(
            taken=TruncDate("accepted_at", tzinfo=zone), given=TruncDate("released_at", tzinfo=zone)
        )
        .filter(Q(released_at__isnull=False) | Q(taken__lt=clock.today(company.timezone)))
    )
    if value == "missed":
        judged = judged.filter(Q(given__isnull=True) | ~Q(given=F("taken")))
    return Q(pk__in=judged.values("pk"))


def same_day_gauge(actor: Actor) -> Gauge:
    """Qualified orders printed and handed over on the day they were accepted (ORD-08)."""
    rows = orders_visible(actor)
    total = rows.filter(same_day_filter("counted", actor)).count()
    kept = total - rows.filter(same_day_filter("missed", actor)).count()
    target = parameter_value(actor.company_id, words.SAME_DAY_PERCENT)
    days = parameter_value(actor.company_id, words.GAUGE_DAYS)
    basis = _("%(kept)s of %(total)s orders, %(days)s days")
    return Gauge.share(
        _("Handed over the same day"),
        kept,
        total,
        target,
        basis=basis % {"kept": kept, "total": total, "days": days},
        url=f"{reverse('orders:list')}?same_day=counted" if allowed(actor, words.VIEW) else "",
    )
