"""Surnames whose reading differs from that of the same character elsewhere."""

from __future__ import annotations

# Reading as a surname; the usual reading is kept beside it, because people use both.
READINGS = {
    "查": ("zha",), "单": ("shan",), "曾": ("zeng",), "仇": ("qiu",), "区": ("ou",),
    "解": ("xie",), "盖": ("ge",), "种": ("chong",), "任": ("ren",), "华": ("hua",),
    "朴": ("piao",), "乐": ("yue",), "繁": ("po",), "缪": ("miao",), "冼": ("xian",),
    "翟": ("zhai",), "覃": ("qin",), "隗": ("wei",), "员": ("yun",), "葛": ("ge",),
    "纪": ("ji",), "宁": ("ning",), "折": ("she",), "黑": ("he",), "尉": ("wei",),
    "曲": ("qu",), "句": ("gou",), "召": ("shao",), "宓": ("mi",), "祭": ("zhai",),
    "谌": ("chen",), "车": ("che",), "那": ("na",), "过": ("guo",), "褚": ("chu",),
    "贾": ("jia",), "柏": ("bai",), "石": ("shi",), "朱": ("zhu",), "洗": ("xian",),
    "秘": ("bi",), "重": ("chong",), "牟": ("mu",), "晁": ("chao",), "卜": ("bu",),
    "幺": ("yao",), "应": ("ying",), "燕": ("yan",), "中": ("zhong",), "长": ("chang",),
    "沈": ("shen",), "瞿": ("qu",), "逄": ("pang",), "佴": ("nai",), "钭": ("tou",),
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "单于": ("chan", "yu"),
    "宰父": ("zai", "fu"), "皇甫": ("huang", "fu"), "呼延": ("hu", "yan"),
}  # fmt: skip


def surname_readings(name: str) -> list[tuple[int, list[str]]]:
    """Return (length of the surname, its syllables) for surnames the name may begin with."""
    return [(size, list(READINGS[name[:size]])) for size in (2, 1) if name[:size] in READINGS]
