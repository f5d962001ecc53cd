"""What README and room descriptions name is really there: files, commands, options, variables, words."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from kodala.local.main import COMMANDS
from tests.architecture.node import ROOT

README = (ROOT / "README.md").read_text()
ROOM_DESCRIPTIONS = [
    ROOT / room / "README.md" for room in ("microcells", "typology", "seniors", "kodala/publication")
]
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINKED = re.compile(r"\]\(([^)]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
FILE_NAME = re.compile(r"[\w.-]+\.(?:py|toml|css|html|yml|sql|lock|md)|(?:[\w.-]+/)+[\w.-]*|Makefile")
MADE_AT_RUN_TIME = ("var/", "uv.lock")
CODE_FOLDERS = ("kodala", "microcells", "typology", "seniors", "templates", "static")
CODE_KINDS = (".py", ".toml", ".html", ".js", ".css")


def fenced(text: str) -> str:
    return "\n".join(FENCED.findall(text))


def named_files(text: str) -> list[str]:
    """Paths in quotation marks or links; not those that only exist at run time."""
    running_text = FENCED.sub("", text)
    quoted = [word for word in QUOTED.findall(running_text) if FILE_NAME.fullmatch(word)]
    return [name for name in quoted + LINKED.findall(running_text) if not name.startswith(MADE_AT_RUN_TIME)]


def missing_files(text: str, folder: Path) -> list[str]:
    """Named files that lie neither in `folder` nor under the project's root."""
    return [name for name in named_files(text) if not ((folder / name).exists() or (ROOT / name).exists())]


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *ROOM_DESCRIPTIONS], ids=lambda file: str(file.relative_to(ROOT))
)
def test_every_named_file_exists(file):
    assert named_files(file.read_text())
    assert missing_files(file.read_text(), file.parent) == []


def test_a_file_that_is_not_there_is_found():
    text = "Siehe `kodala/nowhere.py`, `nowhere.toml` und [dort](nowhere.png); `var/js` entsteht erst."

    assert missing_files(text, ROOT) == ["kodala/nowhere.py", "nowhere.toml", "nowhere.png"]


def test_every_file_in_the_picture_of_the_house_and_in_commands_exists():
    named = re.findall(r"\b(?:kodala|tests)/[\w/.]*\w", fenced(README))

    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_of_run_exists():
    named = set(re.findall(r"\./run ([a-z][\w-]*)", README))

    assert {"demo", "test", "bench", "stop"} <= named
    assert named <= set(COMMANDS)


def test_ci_calls_the_readmes_test_command_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    called = [line for line in lines if "run" in line and not line.startswith("#")]

    assert called == ["exec ./run test"]


def managed_commands() -> list[list[str]]:
    """Every call of manage.py in the README, cut into words: command, arguments, options."""
    called = re.findall(r"^\./run manage (.+)$", fenced(README), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in called]


def test_every_command_of_manage_exists():
    named = {words[0] for words in managed_commands()}
    named |= set(re.findall(r"manage\.py (\w+)", README))

    assert {"load_areas", "import_delivery", "release_datenstand", "fix_map_classes", "migrate"} <= named
    assert named <= set(get_commands())


@pytest.mark.parametrize("words", managed_commands(), ids=lambda words: " ".join(words[:2]))
def test_every_call_of_manage_is_understood(words):
    app = get_commands()[words[0]]
    command = app if not isinstance(app, str) else load_command_class(app, words[0])

    command.create_parser("manage.py", words[0]).parse_args(words[1:])


def test_every_variable_of_the_settings_is_explained_and_no_other():
    explained = set(
        re.findall(r"`([A-Z_]+)`", README[README.index("### Umgebungsvariablen") :].split("###")[1])
    )
    read = re.compile(r"env\.\w+\(\"([A-Z_]+)\"")
    settings = set(read.findall((ROOT / "kodala" / "settings.py").read_text()))
    elsewhere = {"KODALA_WEB_PASSWORD", "KODALA_DEMO_PASSWORD", "KODALA_CHROMIUM"}

    assert len(settings) > 15
    assert explained == settings | elsewhere
    assert all(name in all_code() for name in elsewhere)


def all_code() -> str:
    """The code of the product, without its descriptions."""
    files = [file for folder in CODE_FOLDERS for file in sorted((ROOT / folder).rglob("*"))]
    return "\n".join(file.read_text() for file in files if file.suffix in CODE_KINDS)


def glossary() -> list[tuple[str, str]]:
    """German word and code word of every row of the glossary."""
    rows = re.findall(r"^\| (.+?) \| (`.+?) \| .*\|$", README[README.index("## Glossar") :], re.MULTILINE)
    return [(german, word) for german, words in rows for word in QUOTED.findall(words)]


def as_pattern(word: str) -> re.Pattern[str]:
    """A word as it may stand in code: debt rate, debt_rate, debt-rate or DebtRate."""
    return re.compile(r"(?<![a-z])" + r"[ _-]?".join(map(re.escape, word.split())), re.IGNORECASE)


def test_every_word_of_the_glossary_is_used_in_the_code():
    code = all_code()

    assert len(glossary()) > 70
    assert [word for _, word in glossary() if not as_pattern(word).search(code)] == []


def test_no_word_stands_twice_in_the_glossary():
    words = [word for _, word in glossary()]

    assert sorted(words) == sorted(set(words))


def test_every_model_has_its_words_in_the_glossary():
    known = {part for _, word in glossary() for part in re.split(r"[ _]", word)}
    models = {
        name
        for room in ("kodala", "microcells", "typology", "seniors")
        for file in [*(ROOT / room).rglob("models.py"), *(ROOT / room).rglob("models/*.py")]
        for name in re.findall(r"^class (\w+)\(models\.Model\)", file.read_text(), re.MULTILINE)
    }

    assert len(models) > 20
    assert [name for name in sorted(models) if not words_of(name) <= known] == []


def words_of(name: str) -> set[str]:
    """The words a class name is made of."""
    return {part.lower() for part in re.findall(r"[A-Z][a-z]+", name)}
