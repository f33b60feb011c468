"""The command line in the language of the terminal."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from chengdan.config.cli import texts
from chengdan.config.cli.group import COMMANDS, group

HAN = re.compile(r"[一-鿿]")
# What click says itself in every help.
CLICKS = ("Usage:", "Options", "Show this message and exit.")
# No database has this kind: who asks for the settings, fails.
NO_SITE = {"DATABASE_URL": "nothing://"}


def said(
    terminal: str, *arguments: str, code: int, piped: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a terminal of that language; return what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "chengdan", *arguments],
        env={**os.environ, **more, "LC_ALL": terminal},
        input=piped, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def squeezed(text: str) -> str:
    """Return the text without blanks: help is wrapped."""
    return "".join(text.split())


def own_texts(name: str) -> Iterator[str]:
    """Yield what the help of a command shows in English, as the tests' process has it."""
    if not name:
        yield from (text for _module, text in COMMANDS.values())
    command: Any = group.get_command(click.Context(group), name) if name else group
    yield from command.help.split("\n\n")
    for option in command.params:
        yield from filter(None, [getattr(option, "help", None)])


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_in_the_language_of_the_terminal_and_needs_no_site(name: str) -> None:
    arguments = [name, "--help"] if name else ["--help"]
    english = said("C", *arguments, code=0, **NO_SITE).stdout
    chinese = said("zh_CN.UTF-8", *arguments, code=0, **NO_SITE).stdout
    wanted = [*own_texts(name), *CLICKS]
    assert [text for text in wanted if squeezed(text) not in squeezed(english)] == []
    assert [text for text in wanted if squeezed(text) in squeezed(chinese)] == []
    assert not HAN.search(english)
    assert "用法：" in chinese


def test_a_refusal_is_in_the_language_of_the_terminal() -> None:
    wrong = ["import", "orders", __file__, "--marked", "a.txt"]
    assert said("C", *wrong, code=1, **NO_SITE).stderr == "Error: --marked writes .csv or .xlsx\n"
    chinese = said("zh_CN.UTF-8", *wrong, code=1, **NO_SITE).stderr
    assert chinese == "错误：--marked 只能写 .csv 或 .xlsx 文件\n"
    taiwan = said("zh_TW.UTF-8", *wrong, code=1, **NO_SITE).stderr
    assert taiwan == "錯誤：--marked 只能寫 .csv 或 .xlsx 檔案\n"


def test_what_click_refuses_is_in_the_language_of_the_terminal() -> None:
    wrong = ["token", "--as", "admin"]
    assert "Error: Missing option '--name'." in said("C", *wrong, code=2, **NO_SITE).stderr
    chinese = said("zh_CN.UTF-8", *wrong, code=2, **NO_SITE).stderr
    assert "错误：缺少选项 '--name'" in chinese
    assert "运行 'chengdan token --help' 查看帮助。" in chinese


def test_questions_are_in_the_language_of_the_terminal() -> None:
    asked = ["init", "--password-stdin"]
    english = said("C", *asked, code=1, piped="", **NO_SITE)
    assert (english.stdout, english.stderr) == ("Name of the company: ", "Aborted!\n")
    chinese = said("zh_CN.UTF-8", *asked, code=1, piped="", **NO_SITE)
    assert (chinese.stdout, chinese.stderr) == ("公司名称: ", "已中止！\n")


def test_an_environment_that_cannot_be_served_is_refused_in_the_language_of_the_terminal() -> None:
    wrong = {"CHENGDAN_DEBUG": "maybe", "DJANGO_SETTINGS_MODULE": "chengdan.config.settings"}
    refused = said("C", "verify", code=1, **wrong).stderr
    assert refused == "Error: CHENGDAN_DEBUG is 'maybe'; say 1 or 0.\n"
    refused = said("zh_CN.UTF-8", "verify", code=1, **wrong).stderr
    assert refused == "错误：CHENGDAN_DEBUG 的值是 'maybe'；请写 1 或 0。\n"


@pytest.mark.race
@pytest.mark.parametrize(
    ("terminal", "names", "answers"),
    [
        ("C", "zh-hans", ["Use at least 12 characters", "Ready. Start with `chengdan serve`",
                          "Nobody works as 'x'.", "A token lives between 1 and"]),
        ("zh_CN.UTF-8", "en", ["至少 12 个字符", "已就绪。请运行 `chengdan serve`",
                               "没有登录名为 'x' 的人员。", "令牌有效期须在 1 至"]),
    ],
)  # fmt: skip
def test_a_site_answers_in_the_language_of_the_terminal_whatever_its_names_are_in(
    process_environment: dict[str, str], terminal: str, names: str, answers: list[str]
) -> None:
    init = ["init", "--company", "Great Wall", "--admin", "admin", "--password-stdin",
            "--language", names]  # fmt: skip
    weak = said(terminal, *init, code=1, piped="short\n", **process_environment)
    made = said(terminal, *init, code=0, piped="kx7-Vogel-am-Fenster\n", **process_environment)
    token = ["token", "--name", "y", "--as"]
    nobody = said(terminal, *token, "x", code=1, **process_environment)
    long = said(terminal, *token, "admin", "--days", "9999", code=1, **process_environment)
    heard = [weak.stderr, made.stdout, nobody.stderr, long.stderr]
    wrong = [pair for pair in zip(answers, heard, strict=True) if pair[0] not in pair[1]]
    assert wrong == []
    look = (
        "from chengdan.modules.people.models import OrgUnit;"
        "print(OrgUnit.objects.get(code='FSF').name)"
    )
    unit = said(terminal, "shell", "-v", "0", "-c", look, code=0, **process_environment).stdout
    assert bool(HAN.search(unit)) == (names == "zh-hans"), unit


@pytest.mark.parametrize("letters", ["ascii", "latin-1"])
def test_a_terminal_without_chinese_letters_gets_english(letters: str) -> None:
    given = {**NO_SITE, "PYTHONIOENCODING": letters}
    shown = said("zh_CN.UTF-8", "--help", code=0, **given).stdout
    assert "Run a Chengdan site." in shown
    assert not HAN.search(shown)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_SG.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_HK.UTF-8"}, "zh-hant"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh-hant"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
    ],
)
def test_the_language_of_a_terminal(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert texts.terminal_language() == language


def test_a_chinese_letter_takes_two_columns() -> None:
    assert texts.padded("产品 a", 10) == "产品 a    "
    assert texts.padded("products", 10) == "products  "
