import re
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from django.apps import apps
from django.conf import settings

from chengdan.config.cli.click_words import PLURALS, WORDS
from tests.contract.tree import tool


def test_every_text_is_translated() -> None:
    faults = list(tool("translations").faults_found())
    if faults:
        pytest.fail("\n".join([f"{len(faults)} faults; `make texts` lists all", *faults[:20]]))


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("Open", "", "is not translated"),
        ("%(count)s orders", "订单", "has other placeholders in Chinese: '订单'"),
        ("Stop, now", "停,现在", "wants full-width punctuation: '停,现在'"),
        ("{name} left", "{name}已离开", None),
    ],
)
def test_a_bad_translation_is_found(text: str, translation: str, fault: str | None) -> None:
    found = list(tool("translations")._faults_of(Message(text, translation)))
    assert found == ([fault] if fault else [])


def test_chinese_in_code_and_templates_is_found() -> None:
    translations = tool("translations")
    code = '"""说明 is fine here."""\n# 注释\nlabel = "订单"\n'
    assert list(translations._chinese_in_python(code)) == [3]
    page = "<p>\n{# 注释 #}{% comment %}\n中\n{% endcomment %}\n订单</p>"
    assert list(translations._chinese_in_text(page)) == [5]


def test_texts_of_a_template_are_found_whatever_its_indentation(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<p>\n      {% translate 'It is' %}\n  {% blocktranslate count n=c trimmed %}\n"
        "   one\n  {% plural %}{{ n }} of them{% endblocktranslate %}\n"
        "{% translate 'Open' context 'order' %}</p>\n"
    )
    assert list(tool("catalogues")._texts_of(page)) == [
        (None, "It is"),
        (None, ("one", "%(n)s of them")),
        ("order", "Open"),
    ]


def test_traditional_chinese_uses_the_words_of_taiwan() -> None:
    assert tool("catalogues").traditional("登录后审批%(n)s张订单") == "登入後簽核%(n)s張訂單"


def test_the_pseudo_language_keeps_placeholders_and_tags() -> None:
    marked = tool("catalogues").pseudo("<b>Open</b> %(count)s of {total}")
    assert marked == "⟦<b>Ôpéñ</b> %(count)s ôf {total}⟧"


def test_the_site_reads_every_catalogue() -> None:
    """A text may stand in a catalogue that nothing loads; it would stay English on the page."""
    read = {Path(folder) for folder in settings.LOCALE_PATHS}
    read |= {Path(app.path) / "locale" for app in apps.get_app_configs()}
    held = {
        app.folder / "locale" for app in tool("catalogues").apps() if app.po("zh_Hans").is_file()
    }
    assert held
    assert held - read == set()


def test_the_words_of_click_that_are_translated_are_still_its_words() -> None:
    found = {
        ids
        for _file, _line, ids, _comments, _context in extract_from_dir(
            Path(click.__file__).parent, method_map=[("**.py", "python")]
        )
    }
    assert [words for words in (*WORDS, *PLURALS) if words not in found] == []


def test_the_command_line_fills_in_only_what_it_is_given() -> None:
    """A name that click does not give would end the command with a fault, `{value!r}` included."""
    field = re.compile(r"\{[^}]*\}|%\([^)]+\)[a-z]")
    app = next(app for app in tool("catalogues").apps() if app.name == "config")
    texts = 0
    for message in tool("catalogues").read(app.po("zh_Hans"), "zh_Hans"):
        if message.id:
            given = field.findall(str(message.id))
            assert set(field.findall(str(message.string))) <= set(given), message.id
            texts += 1
    assert texts > len(WORDS)
