"""The scripts and texts of the page, read as they are served: what holds without a browser."""

import re
from pathlib import Path

import pytest

import import_pipeline.web

STATIC = Path(import_pipeline.web.__file__).parent / "static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
LOGIC = [path for path in SCRIPTS if path.parent.name != "texts"]
OTHER_LANGUAGES = sorted(path.stem for path in (STATIC / "texts").glob("*.js") if path.stem != "en")
_KEY = re.compile(r'^ {2}"([^"]+)":', re.MULTILINE)
_USED = re.compile(r'\bt\(\s*"([^"]+)"')
_PLACE = re.compile(r"\{(\w+)\}")
_MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function")
_IMPORTED = re.compile(r"""^import [^;]*?["']([^"']+)["'];|\bimport\(["'`]([^"'`]+)["'`]\)""", re.MULTILINE)


def _texts(language: str) -> dict[str, str]:
    lines = (STATIC / "texts" / f"{language}.js").read_text().splitlines()
    return {found.group(1): line for line in lines if (found := _KEY.match(line))}


def _without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def _name(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_language_has_the_same_texts_and_asks_for_no_other_values(language: str) -> None:
    english, other = _texts("en"), _texts(language)
    assert other.keys() == english.keys()
    unknown = {key: set(_PLACE.findall(other[key])) - set(_PLACE.findall(english[key])) for key in english}
    assert {key: names for key, names in unknown.items() if names} == {}


def test_a_text_is_stated_once() -> None:
    for language in ("en", *OTHER_LANGUAGES):
        keys = _KEY.findall((STATIC / "texts" / f"{language}.js").read_text())
        assert sorted({key for key in keys if keys.count(key) > 1}) == []


@pytest.mark.parametrize("path", LOGIC, ids=_name)
def test_every_text_that_a_script_names_is_there(path: Path) -> None:
    missing = set(_USED.findall(path.read_text())) - _texts("en").keys()
    assert missing == set()


@pytest.mark.parametrize("path", LOGIC, ids=_name)
def test_texts_become_text_nodes_and_never_markup(path: Path) -> None:
    assert _MARKUP.findall(path.read_text()) == []


@pytest.mark.parametrize("path", LOGIC, ids=_name)
def test_scripts_load_only_scripts_that_lie_beside_them(path: Path) -> None:
    for static, dynamic in _IMPORTED.findall(_without_comments(path)):
        given = static or dynamic
        assert given.startswith(("./", "../")), f"{_name(path)} loads {given!r}"
        if "${" not in given:
            assert (path.parent / given).is_file(), f"{_name(path)} loads {given!r}, which is not there"


@pytest.mark.parametrize("path", LOGIC, ids=_name)
def test_a_script_says_what_belongs_in_it_and_stays_short(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("/**")
    assert len(lines) < 300
