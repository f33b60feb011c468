"""Invented data for the style guide; names and figures belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from chengdan.kernel.clock import now, today
from chengdan.kernel.durations import Duration
from chengdan.kernel.ui.board import Gauge, HeatCell, TowerBand, TowerCell
from chengdan.kernel.ui.document import (
    ChainNode,
    HistoryEntry,
    Person,
    StripBand,
    StripStep,
)
from chengdan.kernel.ui.parts import Act, Chip, Note

_CUSTOMERS = (
    "东莞市联兴食品有限公司",
    "珠海市海湾食品有限公司",
    "深圳市百佳源供应链有限公司",
    "江门市侨丰贸易有限公司",
    "湛江市港城副食品批发有限公司",
)
WORKING_DAY = 8 * 60
DURATIONS = [Duration(minutes, WORKING_DAY) for minutes in (47, 348, -72, -6000)]
_STATES = ("done", "run", "soon", "late", "wait")
_STEPS = (
    ("OP", "订单处理", "OG生成 OA接收 QC合格 AC配额 CC信用 MA批准 BG打单"),
    ("SP", "货物发运", "SR备货 CA承运 PK拣货 OQ复核 DP发运 FB反馈 CF签收"),
    ("BC", "货款结算", "IR申请 IA审核 IV交付 RM提醒 CL催收 RC认领 AL核销"),
)
PRODUCTS = (
    (1, "JY-1205", "鲜味生抽 500ml×12", "82.80", "4,820"),
    (2, "JY-1210", "草菇老抽 500ml×12", "88.00", "1,264"),
    (3, "HY-0712", "臻选蚝油 700g×12", "118.00", "1,105"),
    (4, "LJ-1205", "料酒 500ml×12", "54.00", "2,310"),
    (5, "LJ-1810", "料酒 1.8L×6", "72.00", "640"),
)


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """A row of the sample list."""

    pk: int
    number: str
    customer: str
    region: str
    ordered_on: date
    wanted_on: date
    quantity: Decimal
    amount: Decimal
    delivered: Decimal
    steps: tuple[str, ...]
    step: str
    left: Duration
    band: Chip

    def __str__(self) -> str:
        return self.number


def strip_states(done: int, state: str = "run") -> tuple[str, ...]:
    """States of 21 steps with `done` finished ones and a current one."""
    rest = 21 - done
    return ("done",) * done + ((state,) + ("todo",) * (rest - 1) if rest else ())


def sample_orders() -> list[SampleOrder]:
    """Twenty rows."""
    day = today()
    bands = (
        Chip("额度内"),
        Chip("已先款"),
        Chip("超额 3.3%", "soon"),
        Chip("超额 27%", "late", "alert-triangle"),
        Chip("额度内"),
    )
    orders = []
    for index in range(20):
        kind = index % 5
        state = _STATES[kind]
        amount = Decimal(38160 + index * 7931)
        orders.append(
            SampleOrder(
                pk=403 - index,
                number=f"SO2611-{403 - index:04d}",
                customer=_CUSTOMERS[kind],
                region=("粤东", "粤中", "粤西", "广西", "海南")[kind],
                ordered_on=day - timedelta(days=index),
                wanted_on=day + timedelta(days=5 - index),
                quantity=Decimal(420 + index * 131),
                amount=amount,
                delivered=Decimal(0) if index < 8 else amount,
                steps=strip_states(min(index + 1, 20), state if state != "done" else "run"),
                step="MA 批准",
                left=Duration((47, 348, 18, -1152, 245)[kind], WORKING_DAY),
                band=bands[kind],
            )
        )
    return orders


def sample_strip(why_url: str) -> list[StripBand]:
    """Three bands of seven steps with every state."""
    states = (
        ("done",) * 7,
        ("done", "done", "done", "late", "soon", "todo", "todo"),
        ("done", "done", "done", "wait", "skip", "wait", "todo"),
    )
    who = ("陈慧敏", "王婷", "系统", "林秀芳", "", "周建国", "")
    time = ("24分", "11分", "即时", "停 1:17", "余 4:28", "", "")
    chips = (Chip("完成", "done"), Chip("停在 OQ", "late"), Chip("等回款", "run", "hourglass"))
    bands = []
    for at, (code, title, words) in enumerate(_STEPS):
        steps = [
            StripStep(word[:2], word[2:], states[at][i], who[i], time[i], why_url)  # type: ignore[arg-type]
            for i, word in enumerate(words.split())
        ]
        bands.append(StripBand(code, title, steps, remark="2 张单 · 显示最慢", chip=chips[at]))
    return bands


def sample_notes(url: str) -> list[Note]:
    """A stop, a warning and a settled stop."""
    return [
        Note(
            "late",
            "复核不能完成：第 3 行批次待放行",
            "臻选蚝油 批次 20260912B 质检结论未出，涉及 120 箱、14,160.00。可换批次，或等放行。",
            rule="OQ-2",
            acts=[Act("swap", "换批次", url, primary=True), Act("urge", "催质检", url)],
        ),
        Note("soon", "24 小时发运：还剩 4:28", "应在 15:10 前发出。", rule="SHP-02", icon="clock"),
        Note("soon", "第 3 行超配额 60 箱", rule="AC-2", settled="接受削减到 360"),
    ]


def sample_chain(url: str) -> list[ChainNode]:
    """A chain of documents from quote to receipt."""
    return [
        ChainNode("file-text", "报价 FQ2600287", url, Decimal(182400), "梁嘉豪", "已接受", "done"),
        ChainNode(
            "shopping-cart",
            "订单 SO2611-0352",
            url,
            Decimal(180272),
            "王婷",
            "履行中",
            "run",
            is_current=True,
        ),
        ChainNode(
            "truck-delivery",
            "送货单 DN2611-0268",
            url,
            Decimal(117872),
            "11-18 发",
            "已签收",
            "done",
            is_sub=True,
        ),
        ChainNode(
            "truck-delivery",
            "送货单 DN2611-0291",
            url,
            Decimal(62400),
            "11-19 交储运",
            "复核停",
            "late",
            is_sub=True,
        ),
        ChainNode("receipt", "发票 IV2611-0205", url, Decimal(117872), is_sub=True),
    ]


def sample_people() -> list[Person]:
    """Who is responsible."""
    pairs = (("客户经理", "林晓雯"), ("客服 CSR", "王婷"), ("市场经理", "陈慧敏"))
    return [Person(role, name) for role, name in pairs]


def sample_history() -> list[HistoryEntry]:
    """What happened."""
    at: datetime = now()
    texts = (
        ("OQ 停止：批次 20260912B 待放行", "林秀芳", "late"),
        ("PK 拣货完成 920 箱", "何小军", "done"),
        ("CA 安排承运 粤通物流", "刘志强", "done"),
        ("MA 批准 · BG 打单并交接", "周建国", "done"),
    )
    return [
        HistoryEntry(text, at - timedelta(hours=5 * index), who, state=state)
        for index, (text, who, state) in enumerate(texts)
    ]


def sample_tower(url: str) -> list[TowerBand]:
    """Three bands of the control tower."""
    bands = []
    for at, (code, title, words) in enumerate(_STEPS):
        cells = []
        for index, word in enumerate(words.split()):
            number = (at * 7 + index) % 6
            cells.append(
                TowerCell(
                    word[:2],
                    word[2:],
                    number * 3,
                    url,
                    late=1 if number == 2 else 0,
                    soon=2 if number == 4 else 0,
                    oldest="1:36" if number else "",
                )
            )
        bands.append(TowerBand(code, title, cells, "在办 25 单", Decimal(2318640)))
    return bands


def sample_gauges() -> list[Gauge]:
    """Five promises."""
    trend = [Decimal(x) for x in (100, 99, 100, 98, 100, 97, 99, 100)]
    rows = (
        ("当日打单并交接", "99.3", "100", "目标 100%"),
        ("特别处理按时决定", "100", "100", "目标 100%"),
        ("24 小时内发运", "97.2", "100", "目标 100%"),
        ("发运准确率", "98.7", "98", "目标 ≥ 98%"),
        ("到期 5 日内回款", "91.3", "90", "目标 ≥ 90%"),
    )
    return [
        Gauge(title, Decimal(value), Decimal(target), words, trend, "本月 412 / 415", "较上月 −0.4")
        for title, value, target, words in rows
    ]


def sample_heat() -> dict[str, list[object]]:
    """A heat table."""
    rows = (("东北", 0, 1, 3), ("华北", 0, 0, 2), ("西北", 1, 0, 1))
    return {
        "heads": ["市场", "OP", "SP", "BC"],
        "rows": [(name, [HeatCell(n) for n in counts]) for name, *counts in rows],
    }
