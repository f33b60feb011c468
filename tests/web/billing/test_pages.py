"""Every page of billing opens, and its forms do what the services do."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.rules import STEP_CODES
from chengdan.modules.billing.selectors import clocks_beside, strip_steps, strip_todo
from chengdan.modules.billing.services import (
    Part,
    invoice_deliver,
    receipt_allocate,
    receipt_unallocate,
)
from chengdan.modules.billing.web.printing import invoice_data
from chengdan.modules.process.selectors import node_words, open_task_for, step_open
from chengdan.modules.process.services import deadlines_sweep
from chengdan.modules.process.services.definitions import definition_publish, sources_shipped
from tests.fixtures.billing import BillingHouse

pytestmark = pytest.mark.django_db
D = Decimal


def client_of(billing: BillingHouse, key: str) -> Client:
    client = Client()
    user = apps.get_model("people.User").objects.get(pk=billing.house.people[key])
    client.force_login(user)
    return client


def test_order_and_customer_show_their_invoices_and_receipts(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.posted(order)
    receipt = billing.money(40)
    receipt_allocate(
        actor=billing.house.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, D(40))], effective_on=clock.today(),
    )  # fmt: skip
    client = client_of(billing, "finance_clerk")
    for url in (
        reverse("orders:show", args=[order.pk]),
        reverse("customers:show", args=[billing.customer_id]),
    ):
        page = client.get(url).content.decode()
        card = page[page.index('id="billing"') :].partition("</section>")[0]
        assert f'<a href="/billing/invoices/{invoice.pk}/">{invoice.number}</a>' in card
        assert f'<a href="/billing/receipts/{receipt.pk}/">{receipt.number}</a>' in card


def test_who_approves_an_invoice_sees_lines_tax_and_title(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.requested(order)
    line = invoice.lines.select_related("product", "delivery_note").first()
    title = {"title": "和兴商贸", "tax_number": "91440101MA5", "kind": "special"}
    with unguarded():
        Invoice.objects.filter(pk=invoice.pk).update(title_copy=title)
    actor = billing.actor("finance_manager")
    task = open_task_for("billing.invoice", invoice.pk, "IA", actor)
    assert task is not None
    url = reverse("process:task", args=[task.pk])
    page = client_of(billing, "finance_manager").get(url).content.decode()
    doc = page[page.index("pane-doc") : page.index("pane-act")]
    shown = [str(order), str(line.product or line.description), f"{invoice.tax:,.2f}"]
    shown += [str(line.delivery_note), "和兴商贸", "91440101MA5", "增值税专用发票"]
    assert [words for words in shown if words not in doc] == []


def test_every_page_opens(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.posted(order)
    waiting = billing.requested(billing.order(3))
    receipt = billing.money(40)
    client = client_of(billing, "finance_clerk")
    pages = [
        reverse(f"billing:{name}")
        for name in ("invoices", "worklist", "receipts", "register", "day", "aging",
                     "rate")
    ]  # fmt: skip
    pages += [
        reverse("billing:invoice", args=[invoice.pk]),
        reverse("billing:invoice", args=[waiting.pk]),
        reverse("billing:receipt", args=[receipt.pk]),
        reverse("billing:allocate", args=[receipt.pk]),
        reverse("billing:earmark", args=[receipt.pk]),
        reverse("billing:collect", args=[invoice.pk]),
        reverse("billing:customer", args=[billing.customer_id]),
        reverse("orders:show", args=[order.pk]),
        reverse("customers:show", args=[billing.customer_id]),
    ]
    answers = {url: client.get(url).status_code for url in pages}
    csr = client_of(billing, "csr_billing")
    own = [reverse("billing:request"), reverse("billing:request_of", args=[billing.customer_id])]
    answers |= {url: csr.get(url).status_code for url in own}
    assert {url: code for url, code in answers.items() if code != 200} == {}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_a_day_that_is_none_is_today(billing: BillingHouse, day: str) -> None:
    client = client_of(billing, "finance_clerk")
    for name, arguments in (("aging", []), ("day", []), ("customer", [billing.customer_id])):
        url = reverse(f"billing:{name}", args=arguments)
        page = client.get(url, {"on": day})
        assert (page.status_code, page.context["on"]) == (200, clock.today())


def test_request_issue_deliver_allocate_by_hand(billing: BillingHouse) -> None:
    order = billing.order(10)
    clerk = client_of(billing, "finance_clerk")
    csr = client_of(billing, "csr_billing")
    url = reverse("billing:request_of", args=[billing.customer_id])
    rows = csr.get(url).context["form_page"].form.initial["lines"]
    assert [(row["line"], row["quantity"]) for row in rows] == [(1, D(10))]
    lines = [{**row, "quantity": "6"} for row in rows]
    assert csr.post(url, {"note": "", "lines": json.dumps(lines)}).status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.gross, invoice.step) == (D(60), "IA")
    billing.approve(invoice)
    issue = reverse("billing:issue", args=[invoice.pk])
    assert clerk.post(issue, {"invoice_on": "2026-11-16", "e_number": ""}).status_code == 302
    register = reverse("billing:register")
    data: dict[str, Any] = {
        "customer_id": billing.customer_id, "amount": "60", "received_on": "2026-11-16",
        "method": "transfer",
    }  # fmt: skip
    assert clerk.post(register, data).status_code == 302
    receipt = Receipt.objects.get()
    assert clerk.post(reverse("billing:confirm", args=[receipt.pk])).status_code == 302
    allocate = reverse("billing:allocate", args=[receipt.pk])
    lines = clerk.get(allocate).context["form_page"].form.initial["lines"]
    assert [(row["invoice"]["id"], row["amount"]) for row in lines] == [(invoice.pk, D(60))]
    text = json.dumps([{**row, "amount": str(row["amount"])} for row in lines])
    sent = {"effective_on": "2026-11-16", "lines": text}
    preview = clerk.post(reverse("billing:allocate_preview", args=[receipt.pk]), sent).json()
    assert "0.00" in preview["totals"]["note"]
    stale = {**sent, "expected_version": receipt.version}
    assert clerk.post(allocate, stale).status_code == 409, "confirmed since this page was opened"
    assert clerk.post(allocate, sent).status_code == 302
    invoice.refresh_from_db()
    assert invoice.status == "settled"
    assert order.lines.get().invoiced == 6


def test_refusal_stands_beside_its_field(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    clerk = client_of(billing, "finance_clerk")
    answer = clerk.post(
        reverse("billing:deliver", args=[invoice.pk]),
        {"signed_by": "罗先生", "delivered_on": "2026-11-30", "how": ""},
    )
    assert answer.status_code == 422
    invoice_deliver(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk, signed_by="罗先生")


def test_a_wrong_amount_is_put_right_before_it_is_confirmed(billing: BillingHouse) -> None:
    clerk = client_of(billing, "finance_clerk")
    data = {
        "customer_id": billing.customer_id, "amount": "6000", "received_on": "2026-11-16",
        "method": "cash", "payer": "和兴",
    }  # fmt: skip
    clerk.post(reverse("billing:register"), data)
    receipt = Receipt.objects.get()
    url = reverse("billing:receipt_correct", args=[receipt.pk])
    assert url in clerk.get(reverse("billing:receipt", args=[receipt.pk])).content.decode()
    page = clerk.get(url).context["form_page"]
    assert (page.form.initial["amount"], page.form.initial["payer"]) == (D(6000), "和兴")
    sent = {**data, "amount": "600", **page.values}
    assert clerk.post(url, {**sent, "amount": "0"}).status_code == 422
    assert clerk.post(url, sent).status_code == 302
    receipt.refresh_from_db()
    assert (receipt.amount, receipt.method, receipt.version) == (D(600), "cash", 2)
    assert clerk.post(url, sent).status_code in (409, 422), "somebody corrected it meanwhile"
    clerk.post(reverse("billing:confirm_many"), {"ids": [receipt.pk]})
    receipt.refresh_from_db()
    assert receipt.status == "registered", "who confirms many has seen what it was before"
    manager = client_of(billing, "finance_manager")
    hint = manager.get(reverse("billing:receipt_reverse", args=[receipt.pk])).content.decode()
    assert "600.00" in hint
    clerk.post(reverse("billing:confirm", args=[receipt.pk]))
    assert url not in clerk.get(reverse("billing:receipt", args=[receipt.pk])).content.decode()


def test_sales_people_change_nothing(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    client = client_of(billing, "key_account_manager")
    assert client.get(reverse("billing:invoice", args=[invoice.pk])).status_code == 200
    for name in ("issue", "deliver", "reverse", "cancel"):
        assert client.get(reverse(f"billing:{name}", args=[invoice.pk])).status_code == 403
    assert client.get(reverse("billing:aging")).status_code in (200, 403)


def test_money_of_a_customer_who_owes_nothing_is_not_offered_an_empty_form(
    billing: BillingHouse,
) -> None:
    receipt = billing.money(40)
    clerk, place = client_of(billing, "finance_clerk"), f"/billing/receipts/{receipt.pk}/"
    answer = clerk.get(reverse("billing:allocate", args=[receipt.pk]), follow=True)
    assert answer.redirect_chain == [(place, 302)]
    assert json.dumps("没有您可见的未收发票").strip('"') in answer.content.decode()


def test_proposed_amounts_stand_with_their_cents(billing: BillingHouse) -> None:
    billing.posted(billing.order(10))
    receipt = billing.money(D("40.5"))
    clerk = client_of(billing, "finance_clerk")
    html = clerk.get(reverse("billing:allocate", args=[receipt.pk])).content.decode()
    assert '"amount": "40.50"' in html


def test_the_aging_of_a_day_is_exported_as_it_is_shown(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    clerk, url = client_of(billing, "finance_clerk"), reverse("billing:aging_file")
    answer = clerk.get(url, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert head[0] == "客户编号"
    assert row[0] == invoice.customer.code
    assert Decimal(row[-2]) == invoice.gross
    assert clerk.get(url, {"format": "pdf"}).status_code == 404
    assert client_of(billing, "warehouse_keeper").get(url).status_code == 403
    before = {"on": "2020-01-01", "format": "csv"}
    nothing = b"".join(clerk.get(url, before).streaming_content).decode("utf-8-sig")
    assert len(nothing.splitlines()) == 1


@pytest.mark.parametrize("name", ["rate", "customer"])
def test_a_period_that_ends_before_it_begins_says_so(billing: BillingHouse, name: str) -> None:
    place = reverse(f"billing:{name}", args=[billing.customer_id] if name == "customer" else [])
    clerk = client_of(billing, "finance_clerk")
    said = "结束日期早于开始日期。"
    backwards = {"from": "2026-11-20", "to": "2026-11-01", "on": "2026-11-01"}
    assert said in clerk.get(place, backwards).content.decode()
    assert said not in clerk.get(place).content.decode()


def test_aging_figures_link_to_their_invoices(billing: BillingHouse) -> None:
    billing.posted(billing.order(10))
    clerk = client_of(billing, "finance_clerk")
    page = clerk.get(reverse("billing:aging"))
    assert page.context["ledger"] == page.context["aging"].total == D(100)
    for item in page.context["rows"]:
        for amount, url in item["cells"]:
            behind = clerk.get(url)
            assert behind.context["items_total"] == amount


def test_print_is_a_pdf(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    answer = client_of(billing, "finance_clerk").get(reverse("billing:print", args=[invoice.pk]))
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith('inline; filename="')


def test_the_printed_invoice_has_separators_and_lines_to_sign(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(12345))
    paper = invoice_data(invoice, "")
    assert [row[4] for row in paper["rows"]] == ["12,345"]
    assert len(paper["signatures"]) == 3


def test_an_invoice_goes_on_under_a_version_of_before_it_asked_who_signed(
    billing: BillingHouse,
) -> None:
    data = dict(sources_shipped())["billing/bc.yaml"]
    next(step for step in data["steps"] if step["code"] == "IV2")["on_pass"] = (
        "billing.bc.delivered"
    )
    definition_publish(actor=billing.house.system, data=data, source="bc.yaml")
    invoice = billing.posted(billing.order(10))
    invoice_deliver(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk, signed_by="罗先生")
    assert step_open("billing.invoice", invoice.pk) == "RC"


def test_strip_and_tower_follow_the_days_that_the_process_says(billing: BillingHouse) -> None:
    data = dict(sources_shipped())["billing/bc.yaml"]
    for step in data["steps"]:
        for timer in step.get("timers", []):
            if timer["days"] == -7:
                timer |= {"days": -10, "at": "10:30"}
    definition_publish(actor=billing.house.system, data=data, source="bc.yaml")
    invoice = billing.posted(billing.order(10))
    assert invoice.due_on is not None
    invoice_deliver(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk, signed_by="罗先生")
    notes = {node.code: node.note for node in strip_steps(invoice)}
    assert notes["RM"] == f"{invoice.due_on - timedelta(days=10):%m-%d}"
    with clock.at(clock.now() + timedelta(days=21, hours=4)):
        deadlines_sweep()
        cells = clocks_beside(billing.actor("general_manager"), [])
    found = {cell.code: cell for cell in cells}
    assert found["RM"].count == 1
    at = timezone.localtime(found["RM"].oldest_at)
    assert (at.date(), f"{at:%H:%M}") == (invoice.due_on - timedelta(days=10), "10:30")


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_tower_and_strips_call_every_step_alike(billing: BillingHouse, language: str) -> None:
    order = billing.order(10)
    client = client_of(billing, "general_manager")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    tower = client.get(reverse("orders:tower")).context["bands"]
    called = {cell.code: cell.name for band in tower for cell in band.cells}
    assert len(called) == 21
    invoice = billing.posted(order)
    with override(language):
        ahead = {node.code: str(node.title) for node in strip_todo()}
        assert ahead == {node.code: str(node.title) for node in strip_steps(invoice)}
        assert ahead.items() <= called.items()
        for code in ("op", "sp"):
            words = node_words(code)
            assert len(words) == 7
            assert words.items() <= called.items()


def test_the_tower_counts_reminded_and_collected_invoices_beside_the_wait(
    billing: BillingHouse,
) -> None:
    invoice = billing.posted(billing.order(10))
    invoice_deliver(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk, signed_by="罗先生")
    start, counts = clock.now(), []
    for days in (1, 24, 32, 37):
        with clock.at(start + timedelta(days=days, hours=1)):
            deadlines_sweep()
            client = client_of(billing, "general_manager")
            bands = client.get(reverse("orders:tower")).context["bands"]
            bc = next(band for band in bands if band.code == "BC")
            assert [cell.code for cell in bc.cells] == list(STEP_CODES)
            assert str(bc.in_work) == "在办 1"
            assert bc.note == "RM, CL 已计入其他步骤"
            counts.append({cell.code: (cell.count, cell.late) for cell in bc.cells if cell.count})
            for cell in bc.cells:
                if cell.count:
                    assert len(client.get(cell.url).context["rows"]) == cell.count, cell.code
    assert counts == [
        {"RC": (1, 0)}, {"RM": (1, 0), "RC": (1, 0)}, {"CL": (1, 0), "RC": (1, 0)},
        {"CL": (1, 1), "RC": (1, 0)},
    ]  # fmt: skip


def test_the_tower_counts_invoices_owed_again_and_opens_as_many(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    invoice_deliver(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk, signed_by="罗先生")
    receipt = billing.money(int(invoice.gross) + 1)
    receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, invoice.gross)], effective_on=clock.today(),
    )  # fmt: skip
    receipt_unallocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, invoice_id=invoice.pk,
        reason="错核",
    )  # fmt: skip
    client = client_of(billing, "general_manager")
    bands = client.get(reverse("orders:tower")).context["bands"]
    cells = next(band for band in bands if band.code == "BC").cells
    assert {cell.code: cell.count for cell in cells if cell.count} == {"RC": 1}
    for cell in cells:
        assert len(client.get(cell.url).context["rows"]) == cell.count, cell.code


def test_an_order_without_an_invoice_shows_the_seven_steps_of_bc(billing: BillingHouse) -> None:
    order = billing.order(10)
    answer = client_of(billing, "finance_clerk").get(reverse("orders:show", args=[order.pk]))
    band = next(band for band in answer.context["document"].strip if "BC" in str(band.title))
    assert [(step.code, step.state) for step in band.steps] == [
        (code, "todo") for code in STEP_CODES
    ]


def test_a_card_offers_only_what_its_reader_may_do(billing: BillingHouse) -> None:
    order = billing.order(10)
    url = reverse("orders:show", args=[order.pk])
    link = reverse("billing:request_of", args=[billing.customer_id])
    assert link in client_of(billing, "csr_billing").get(url).content.decode()
    clerk = client_of(billing, "finance_clerk")
    assert clerk.get(link).status_code == 403
    page = clerk.get(url)
    assert page.status_code == 200
    assert link not in page.content.decode()
