"""Acts of the warehouse and on delivery notes, done by the program's people and by the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chengdan.modules.shipping import services
from chengdan.modules.shipping.services import PickInput, StockDraft, StockLineDraft
from tests.scenarios.both_sides.ordering import OrderingSides
from tests.scenarios.pure_model.deliveries import Note, Paper
from tests.scenarios.pure_model.orders import Order


class DeliveringSides(OrderingSides):
    """Goods in and out, and notes from making to reversal."""

    # ------------------------------------------------------------------------------------- stock
    def goods_in(self, warehouse: str, product: str, bottles: int, *, days_ago: int = 0) -> None:
        on = self.today - timedelta(days=days_ago)
        refused = self.model.goods_in(warehouse, product, bottles, on)
        self._post("receipt", (warehouse, product, bottles), on, refused)

    def goods_out(self, warehouse: str, product: str, bottles: int, *, days_ago: int = 0) -> None:
        on = self.today - timedelta(days=days_ago)
        refused = self.model.goods_out(warehouse, product, bottles, on)
        self._post("issue", (warehouse, product, bottles), on, refused)

    def _post(self, kind: str, goods: tuple[str, str, int], on: Any, refused: set[str]) -> None:
        warehouse, product, bottles = goods
        keeper = self.actor("warehouse_keeper")
        line = StockLineDraft(self.house.products[product], Decimal(bottles))
        draft = StockDraft(kind, self.warehouses[warehouse], [line], on, reason="记账")
        document = self.at_now(lambda: services.stock_draft(actor=keeper, draft=draft))
        if not refused:
            self.ids["papers"].append(document.pk)
        self.both(refused, lambda: services.stock_post(actor=keeper, document_id=document.pk))

    def take_paper_back(self, paper: Paper) -> None:
        keeper, pk = self.actor("warehouse_keeper"), self.pk("papers", paper)
        self.both(
            self.model.take_paper_back(paper),
            lambda: services.stock_reverse(actor=keeper, document_id=pk, reason="记错"),
        )

    # ------------------------------------------------------------------------------------- notes
    def make_note(
        self,
        orders: Sequence[Order],
        warehouse: str = "GZ",
        boxes: Mapping[tuple[int, int], int] | None = None,
    ) -> None:
        quantities = None
        if boxes is not None:
            quantities = {
                (self.ids["orders"][order], line): Decimal(count)
                for (order, line), count in boxes.items()
            }
        ids = [self.pk("orders", order) for order in orders]
        self.both(
            self.model.make_note(orders, warehouse, boxes),
            lambda: services.note_make_for_orders(
                actor=self.actor("shipping_coordinator"),
                order_ids=ids,
                warehouse_id=self.warehouses[warehouse],
                quantities=quantities,
            ),
        )

    def _note_act(self, name: str, seat: str, note: Note, **values: Any) -> Any:
        service = getattr(services, name)
        return lambda: service(actor=self.actor(seat), note_id=self.pk("notes", note), **values)

    def ship_on(self, note: Note) -> bool:
        """Do what the note's step asks for; return whether there was something to do."""
        acts = {
            "CA": self.carry, "PK": self.pick, "OQ1": self.check, "OQ2": self.check,
            "DP": self.dispatch, "FB": self.feed_back, "CF": self.confirm,
        }  # fmt: skip
        if note.step not in acts:
            return False
        step = note.step
        acts[step](note)
        return note.step != step

    def carry(self, note: Note) -> None:
        act = self._note_act("note_carrier", "shipping_coordinator", note, carrier="顺达物流")
        self.both(self.model.carry(note), act)

    def pick(self, note: Note, boxes: Mapping[int, int] | None = None) -> None:
        """Pick so many boxes by line, or what is proposed."""
        picks, reason = None, ""
        if boxes is not None:
            picks = [PickInput(line, Decimal(count)) for line, count in boxes.items()]
            reason = "按实际拣货"
        wanted = boxes or {number: line.boxes for number, line in note.lines.items()}
        act = self._note_act("note_pick", "warehouse_keeper", note, picks=picks, reason=reason)
        self.both(self.model.pick(note, wanted), act)

    def check(self, note: Note) -> None:
        seat = "second_keeper" if note.step == "OQ1" else "quality_inspector"
        self.both(self.model.check(note), self._note_act("note_check", seat, note))

    def refuse_check(self, note: Note) -> None:
        seat = "second_keeper" if note.step == "OQ1" else "quality_inspector"
        act = self._note_act("note_check_refuse", seat, note, reason="数量不符")
        self.both(self.model.refuse_check(note), act)

    def dispatch(self, note: Note) -> None:
        act = self._note_act("note_dispatch", "shipping_coordinator", note, vehicle="粤A·12345")
        self.both(self.model.dispatch(note), act)

    def feed_back(self, note: Note) -> None:
        act = self._note_act("note_feedback", "shipping_coordinator", note, waybill="W1")
        self.both(self.model.feed_back(note), act)

    def confirm(self, note: Note) -> None:
        act = self._note_act("note_confirm", "csr", note, signer="罗先生", archive="A1")
        self.both(self.model.confirm(note), act)

    def give_up(self, note: Note) -> None:
        act = self._note_act("note_cancel", "shipping_coordinator", note, reason="不发了")
        self.both(self.model.give_up(note), act)

    def take_note_back(self, note: Note) -> None:
        act = self._note_act("note_reverse", "shipping_coordinator", note, reason="拒收")
        self.both(self.model.take_note_back(note), act)
