# ruff: noqa: RUF001 (letters of many scripts are what this is about)
"""Old encodings are told apart by the language that they make of the bytes."""

from pathlib import Path

import pytest

from import_pipeline.errors import PayloadError
from import_pipeline.intake.payload import open_table
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

TEXTS = {
    "french": "nom,ville\nFrançois Lefèvre,Besançon\nÉlodie Noël,Orléans\n",
    "german": "Name,Ort\nJürgen Groß,Köln\nBjörn Müller,Düsseldorf\n",
    "spanish": "nombre,ciudad\nMaría Peña,Cádiz\nJosé Núñez,León\n",
    "polish": "imię,miasto\nŁukasz Wójcik,Kraków\nMałgorzata Żółć,Łódź\n",
    "hungarian": "név,város\nSzűcs Győző,Győr\nTóth Ödön,Hódmezővásárhely\n",
    "russian": "имя,город\nИван Петров,Москва\nОльга Сидорова,Санкт-Петербург\n",
    "greek": "όνομα,πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία Νικολάου,Πάτρα\n",
    "turkish": "isim,şehir\nAyşe Yılmaz,Iğdır\nÇağrı Şahin,Muğla\n",
    "japanese": "名前,住所\n山田太郎,東京都千代田区\nさとう はなこ,大阪府\n",
    "japanese names": "氏名,都市\n山田太郎,東京\n鈴木一郎,横浜\n",
    "chinese": "姓名,城市\n张伟,北京市朝阳区\n李娜,上海\n",
    "taiwanese": "姓名,城市\n陳怡君,臺北市\n林志明,高雄\n",
    "korean": "이름,도시\n김철수,서울\n이영희,부산\n",
    "signs": "name,price\nAcme \u2013 London,£25\nO\u2019Neil \u201cBob\u201d,£30\n",
    "euros": "name,price\nAcme,25 €\nBert,30 €\n",
    "one letter": "name,town\nPeña,Leon\nJones,York\n",
}
WRITTEN = [
    *[("french", name) for name in ("cp1252", "iso8859-1", "iso8859-15", "mac-roman")],
    *[("german", name) for name in ("cp1252", "mac-roman")],
    *[("spanish", name) for name in ("cp1252", "mac-roman")],
    *[("polish", name) for name in ("cp1250", "iso8859-2")],
    ("hungarian", "cp1250"),
    *[("russian", name) for name in ("cp1251", "koi8-r", "iso8859-5")],
    *[("greek", name) for name in ("cp1253", "iso8859-7")],
    *[("turkish", name) for name in ("cp1254", "iso8859-9")],
    *[("japanese", name) for name in ("cp932", "euc-jp", "utf-16-le", "utf-16", "utf-32")],
    *[("japanese names", name) for name in ("cp932", "euc-jp")],
    *[("chinese", name) for name in ("gb18030", "gbk", "utf-16-be")],
    ("taiwanese", "big5"),
    ("korean", "euc-kr"),
    *[("signs", name) for name in ("cp1252", "mac-roman")],
    *[("euros", name) for name in ("cp1252", "iso8859-15", "mac-roman")],
    *[("one letter", name) for name in ("cp1252", "mac-roman")],
]


def rows(path: Path, **options: object) -> list[list[str]]:
    table = open_table(Payload(path, path.with_name("copy")), ReadOptions.model_validate(options), Settings())
    return [list(table.header or ()), *(row for block in table.blocks() for row in block)]


@pytest.mark.parametrize(("text", "encoding"), WRITTEN)
def test_every_cell_keeps_its_text(text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_bytes(TEXTS[text].encode(encoding))
    assert rows(path) == [line.split(",") for line in TEXTS[text].splitlines()]


@pytest.mark.parametrize(("text", "encoding"), [("french", "cp1252"), ("japanese", "cp932"), ("russian", "koi8-r")])
def test_the_first_odd_byte_may_stand_behind_the_first_megabyte(text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "payload"
    lines = TEXTS[text].splitlines()[1:]
    path.write_bytes(("name,city\n" + "Ada Lovelace,London\n" * 60_000 + "\n".join(lines)).encode(encoding))
    assert rows(path)[-len(lines) :] == [line.split(",") for line in lines]


def test_an_encoding_told_by_hand_is_used(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_bytes(TEXTS["german"].encode("cp850"))
    assert rows(path, encoding="cp850")[1] == ["Jürgen Groß", "Köln"]


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13"])
def test_an_encoding_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(PayloadError, match="There is no encoding"):
        rows(path, encoding=name)


def test_a_wrong_encoding_told_by_hand_is_named(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_bytes("name,town\nJürgen,Köln\n".encode("cp1252"))
    with pytest.raises(PayloadError, match="not written in utf-8"):
        rows(path, encoding="utf-8")
