"""What the rooms take from files: new, changed, the same again, and refused by field and row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.fixtures.house import House


def load(house: House, kind: str, text: str, seat: str = "") -> Any:
    """Import a CSV text as the system or a person; return the finished job."""
    from chengdan.kernel.importing.engine import import_run
    from chengdan.kernel.importing.services import import_start

    files = [(f"{kind}.csv", text.encode())]
    actor = house.actor(seat) if seat else house.system
    job = import_start(actor=actor, kind_code=kind, files=files)
    job = import_run(job.pk)
    assert job.state == "done", job.error
    return job


def counts(job: Any) -> tuple[int, int, int, int]:
    return job.rows_created, job.rows_updated, job.rows_skipped, job.rows_rejected


def refusals(job: Any) -> list[tuple[int, str]]:
    marks = job.marks.filter(state="rejected").order_by("line")
    return [(issue["row"], issue["field"]) for mark in marks for issue in mark.issue_list]


CUSTOMERS = """\
code,name,territory,responsible,payment_term_days,credit_limit,is_active,\
contacts.name,\
contacts.mobile,addresses.province,addresses.detail
K1,广州和兴食品有限公司,S-1-1,{who},30,100000,是,王芳,13800000001,广东省,太和路1号
K1,广州和兴食品有限公司,S-1-1,{who},30,100000,是,李明,13800000002,,
K2,深圳恒泰商贸有限公司,XX,{who},30,,,,,,
K3,佛山桂香酒楼,S-1-1,{who},30,,是,,,,
"""


def test_customers_come_with_people_places_and_limit(house: House) -> None:
    from chengdan.modules.credit.selectors import credit_limit_of
    from chengdan.modules.customers.models import Customer

    text = CUSTOMERS.format(who="yx.key_account_manager")
    job = load(house, "customers", text)
    assert counts(job) == (2, 0, 0, 2)
    assert refusals(job) == [(4, "territory"), (5, "credit_limit")]
    customer = Customer.objects.get(code="K1")
    assert (customer.status, customer.owner_id) == ("active", house.people["key_account_manager"])
    assert credit_limit_of(customer.pk) == Decimal(100000)
    assert customer.contacts.count() == 2
    assert sorted(customer.addresses.values_list("kind", flat=True)) == ["bill_to", "ship_to"]

    changed = load(house, "customers", "code,name,payment_term_days\nK1,广州和兴食品有限公司,45\n")
    assert counts(changed) == (0, 1, 0, 0)
    customer.refresh_from_db()
    assert (customer.payment_term_days, customer.status) == (45, "active")
    same = load(house, "customers", "code,name,phone\nK1,广州和兴食品有限公司,\n")
    assert counts(same) == (0, 0, 1, 0)


WRONG_PARTS = """\
code,name,territory,responsible,contacts.name,contacts.mobile,addresses.detail,addresses.country
{code},{name},S-1-1,{who},王芳,13800000001,太和路1号,CN
{code},{name},S-1-1,{who},李明,12,,
{code},{name},S-1-1,{who},赵强,13800000003,东风路2号,XY
"""


def test_what_is_wrong_with_a_part_is_said_at_its_own_row(house: House) -> None:
    """As for a customer that is new, so for one that is known."""
    from chengdan.modules.customers.models import Customer

    who, name = "yx.key_account_manager", "广州和兴食品有限公司"
    wrong = WRONG_PARTS.format(code="K1", name=name, who=who)
    told = [(3, "contacts.mobile"), (4, "addresses.country")]
    job = load(house, "customers", wrong)
    assert (counts(job), refusals(job)) == ((0, 0, 0, 3), told)
    load(house, "customers", CUSTOMERS.format(who=who))
    again = load(house, "customers", wrong)
    assert (counts(again), refusals(again)) == ((0, 0, 0, 3), told)
    assert Customer.objects.get(code="K1").contacts.count() == 2, "nothing is half written"
    right = wrong.replace(",12,", ",13800000004,").replace(",XY", ",CN")
    assert counts(load(house, "customers", right)) == (0, 3, 0, 0)
    customer = Customer.objects.get(code="K1")
    mobiles = dict(customer.contacts.values_list("name", "mobile"))
    assert sorted(mobiles) == ["李明", "王芳", "赵强"]
    assert mobiles["李明"].endswith("13800000004")
    assert customer.addresses.filter(detail="东风路2号").count() == 2
    assert counts(load(house, "customers", right)) == (0, 0, 3, 0)


def test_who_may_not_load_limits_is_told_that_the_limit_is_the_reason(house: House) -> None:
    text = CUSTOMERS.format(who="yx.key_account_manager")
    job = load(house, "customers", text, seat="ssg_leader")
    messages = {issue["message"] for mark in job.marks.filter(line=2) for issue in mark.issue_list}
    assert messages == {"这一行带有信用额度，您没有导入额度的权限。"}


def test_products_and_prices_come_with_units_and_lists(house: House) -> None:
    from chengdan.modules.catalog.models import Price, Product

    job = load(
        house,
        "products",
        "code,name,category,base_unit,tax_rate,units.unit,units.factor,units.is_sales_default\n"
        "N-1,新品酱油,酱油,瓶,13%,箱,12,是\nN-2,无单位,酱油,,,,,\nN-3,倒数,酱油,瓶,200%,,,\n",
    )
    assert counts(job) == (1, 0, 0, 2)
    assert refusals(job) == [(3, "base_unit"), (4, "tax_rate")]
    product = Product.objects.get(code="N-1")
    assert product.units.get().factor == 12
    prices = "list,product,unit,price,floor_price\nNEW,N-1,箱,96.00,90\nNEW,NONE,箱,1,\n"
    job = load(house, "prices", prices)
    assert counts(job) == (1, 0, 0, 1)
    assert refusals(job) == [(3, "product")]
    assert Price.objects.get(product=product).price == 96
    assert counts(load(house, "prices", prices.replace("96.00", "97.00")))[1] == 1


def check(house: House, kind: str, text: str) -> Any:
    """Check a CSV text without storing anything; return the finished job."""
    from chengdan.kernel.importing.engine import import_run
    from chengdan.kernel.importing.services import import_start

    files = [(f"{kind}.csv", text.encode())]
    job = import_start(actor=house.system, kind_code=kind, files=files, is_dry_run=True)
    return import_run(job.pk)


def changes(job: Any) -> list[str]:
    marks = job.marks.filter(state="updated").order_by("line")
    return [issue["message"] for mark in marks for issue in mark.issue_list]


FULL_HEAD = """\
code,name,uscc,phone,note,slt_member,country,payment_term_days,pay_first,receiver,unloading,\
contacts.name,contacts.job,responsible
"""
USCC = "91440101MA5AKJ0X2P"
OWNER = "yx.key_account_manager"
FULL = f"K1,广州和兴,{USCC},020-81234567,老客户,,CN,30,是,王芳,走后门,王芳,采购,{OWNER}\n"
EMPTY = "K1,广州和兴,,,,,,,,,,王芳,,\n"
CLEARED = "K1,广州和兴,(-),（-）,(-),,,(-),(-),,(-),王芳,(-),\n"


def test_an_empty_cell_leaves_a_customer_as_it_is_and_the_mark_empties_it(house: House) -> None:
    from chengdan.modules.customers.models import Customer

    made = load(house, "customers", FULL_HEAD + FULL)
    assert counts(made) == (1, 0, 0, 0), [mark.issues for mark in made.marks.all()]
    assert counts(load(house, "customers", FULL_HEAD + EMPTY)) == (0, 0, 1, 0)
    customer = Customer.objects.get(code="K1")
    assert (customer.uscc, customer.note, customer.payment_term_days) == (USCC, "老客户", 30)
    assert customer.pay_first is True

    would = check(house, "customers", FULL_HEAD + CLEARED)
    assert counts(would) == (0, 1, 0, 0)
    assert any(f"{USCC} → –" in text for text in changes(would)), changes(would)
    assert Customer.objects.get(code="K1").uscc == USCC

    assert counts(load(house, "customers", FULL_HEAD + CLEARED)) == (0, 1, 0, 0)
    customer = Customer.objects.get(code="K1")
    assert (customer.uscc, customer.phone, customer.note) == ("", "", "")
    assert (customer.payment_term_days, customer.pay_first) == (None, False)
    assert customer.contacts.get().job == ""
    assert (customer.shipping.receiver, customer.shipping.unloading) == ("王芳", "")


def test_what_cannot_be_without_a_value_refuses_the_mark(house: House) -> None:
    job = load(house, "customers", "code,name,responsible\nK1,(-),(-)\n")
    assert refusals(job) == [(2, "name"), (2, "responsible")]
    assert {i["code"] for mark in job.marks.all() for i in mark.issue_list} == {"clear"}


def test_empty_cells_leave_products_prices_and_limits(house: House) -> None:
    from chengdan.modules.catalog.models import Price, Product
    from chengdan.modules.credit.selectors import credit_limit_of

    head = "code,name,spec,barcode,base_unit,weight_kg,units.unit,units.factor,units.barcode\n"
    load(house, "products", head + "N-1,新品酱油,500ml,6901234567892,瓶,0.6,箱,12,16901234567899\n")
    assert counts(load(house, "products", head + "N-1,新品酱油,,,,,箱,,\n")) == (0, 0, 1, 0)
    cleared = load(house, "products", head + "N-1,新品酱油,(-),,,,箱,24,(-)\n")
    assert counts(cleared) == (0, 1, 0, 0)
    product = Product.objects.get(code="N-1")
    assert (product.spec, product.barcode, product.weight_kg) == (
        "",
        "6901234567892",
        Decimal("0.6"),
    )
    unit = product.units.get()
    assert (int(unit.factor), unit.barcode) == (24, "")

    head = "list,product,unit,price,floor_price\n"
    load(house, "prices", head + "NEW,N-1,箱,96.00,90\n")
    assert changes(check(house, "prices", head + "NEW,N-1,箱,97.00,\n")) == ["96 → 97"]
    load(house, "prices", head + "NEW,N-1,箱,97.00,\n")
    assert Price.objects.get(product=product).floor_price == 90
    load(house, "prices", head + "NEW,N-1,箱,97.00,(-)\n")
    assert Price.objects.get(product=product).floor_price is None

    customer_id = house.customer("和兴")
    load(house, "credit_limits", "customer,credit_limit\n和兴,5000\n")
    assert counts(load(house, "credit_limits", "customer,credit_limit\n和兴,\n")) == (0, 0, 1, 0)
    assert credit_limit_of(customer_id) == Decimal(5000)
    load(house, "credit_limits", "customer,credit_limit\n和兴,(-)\n")
    assert credit_limit_of(customer_id) is None


def test_empty_cells_leave_the_head_of_a_draft(house: House) -> None:
    from chengdan.modules.orders.models import Order

    house.customer("和兴")
    head = "number,customer,ordered_on,customer_order_number,note,lines.product,lines.quantity\n"
    load(house, "orders", head + "L-1,和兴,2026-11-10,PO-1,早上送,HY-0712,10\n")
    same = load(house, "orders", head + "L-1,和兴,2026-11-10,,,HY-0712,10\n")
    assert counts(same) == (0, 0, 1, 0)
    load(house, "orders", head + "L-1,和兴,2026-11-10,,(-),HY-0712,11\n")
    order = Order.objects.get(number="L-1")
    assert (order.customer_order_number, order.note) == ("PO-1", "")
    assert order.lines.get().quantity == 11


ORDERS = """number,customer,ordered_on,requested_on,shipped_on,is_closed,lines.product,lines.unit,\
lines.quantity,lines.price,charges.description,charges.amount
H-1,和兴,2025-03-01,2025-03-10,2025-03-08,是,HY-0712,箱,10,118.00,运费,20
H-1,和兴,2025-03-01,2025-03-10,2025-03-08,是,JY-1205,箱,5,80.00,,
L-1,和兴,2026-11-10,2026-11-20,,否,HY-0712,箱,10,118.00,,
X-1,无此客户,2026-11-10,,,否,HY-0712,箱,1,1,,
X-2,和兴,2026-11-10,,,否,NONE,箱,1,1,,
X-3,和兴,2026-11-10,,2026-11-01,是,HY-0712,箱,1,1,,
"""


def test_orders_come_as_history_and_as_drafts(house: House) -> None:
    from chengdan.kernel.audit import audit_history
    from chengdan.modules.orders.models import Order

    house.customer("和兴")
    job = load(house, "orders", ORDERS)
    assert counts(job) == (3, 0, 0, 3)
    assert refusals(job) == [(5, "customer"), (6, "lines.product"), (7, "shipped_on")]
    history = Order.objects.get(number="H-1")
    assert (history.status, history.lines.count()) == ("closed", 3)
    assert history.gross == history.invoiced_gross == history.paid_gross == Decimal("1600.00")
    assert [entry.code for entry in audit_history(history)] == ["orders.order.imported"]
    live = Order.objects.get(number="L-1")
    assert (live.status, live.gross) == ("draft", Decimal("1180.00"))

    again = load(house, "orders", ORDERS.replace("否,HY-0712,箱,10,", "否,HY-0712,箱,11,"))
    assert counts(again) == (0, 1, 2, 3)
    live.refresh_from_db()
    assert live.gross == Decimal("1298.00")


@pytest.mark.requirement("SHP-01", partly="the ledger itself is tested with the stock documents")
def test_opening_stock_and_receivables(house: House) -> None:
    from chengdan.modules.credit.selectors import exposure
    from chengdan.modules.people.models import OrgUnit
    from chengdan.modules.shipping.selectors import available_of
    from chengdan.modules.shipping.services import WarehouseDraft, warehouse_place

    customer_id = house.customer("和兴")
    stock = "product,quantity,batch\nHY-0712,1200,B1\nNONE,1,\n"
    assert counts(load(house, "stock", stock)) == (0, 0, 0, 2)
    unit = OrgUnit.objects.get(company=house.company, code="WH1")
    house_1 = warehouse_place(actor=house.system, draft=WarehouseDraft("GZ", "广州仓", unit.pk))
    job = load(house, "stock", stock + "JY-1205,24,\n")
    assert counts(job) == (2, 0, 0, 1)
    assert refusals(job) == [(3, "product")]
    assert available_of(house_1.pk, [house.products["HY-0712"]]).popitem()[1] == 1200
    assert counts(load(house, "stock", "product,quantity,batch\nHY-0712,1200,B1\n")) == (0, 0, 1, 0)

    owed = "number,customer,invoice_on,due_on,open\nR-1,和兴,2026-10-08,2026-11-07,500.00\n"
    bad = "R-2,和兴,2026-10-08,2026-10-01,500.00\n"
    job = load(house, "receivables", owed + bad)
    assert counts(job) == (1, 0, 0, 1)
    assert refusals(job) == [(3, "due_on")]
    assert exposure(customer_id) == Decimal("500.00")
