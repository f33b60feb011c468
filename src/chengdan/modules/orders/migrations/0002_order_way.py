"""Let lists sort orders by the way from submission to money."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from chengdan.kernel.transactions import unguarded

RUNNING = 10**11
BATCH = 500


def rank(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the orders that stand already what new ones get when they are submitted and paid."""
    orders = apps.get_model("orders", "Order").objects.using(schema_editor.connection.alias)
    measured = orders.filter(submitted_at__isnull=False).only("submitted_at", "settled_at")
    last = 0
    with unguarded():
        while rows := list(measured.filter(pk__gt=last).order_by("pk")[:BATCH]):
            for order in rows:
                if order.settled_at is None:
                    order.way_rank = RUNNING - int(order.submitted_at.timestamp())
                else:
                    elapsed = order.settled_at - order.submitted_at
                    order.way_rank = max(0, int(elapsed.total_seconds()))
            orders.bulk_update(rows, ["way_rank"])
            last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
        ('orders', '0001_initial'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='way_rank',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['company', '-way_rank', '-id'], name='order_by_way'),
        ),
        migrations.RunPython(rank, migrations.RunPython.noop),
    ]
