# ruff: noqa: RUF001 (letters of many scripts are what this is about)
"""Texts that are not what they seem: lines in two encodings, text garbled before it was written, lines in quotes."""

import ftfy.bad_codecs  # noqa: F401 (registers the encoding in which text was garbled)
import pytest

from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing

HEADER = "Email,First name,Last name,City\n"


def garbled(text: str, read_in: str = "sloppy-windows-1252") -> str:
    return text.encode().decode(read_in)


def names(importing: Importing) -> list[str]:
    return [f"{one.get('first_name')} {one.get('last_name')}" for one in importing.stored()]


@pytest.mark.parametrize(
    ("lines", "encoding", "wrong"),
    [
        (["a@x.example,Jürgen,Groß,Köln", "b@x.example,Zoë,Meißner,Fürth", "c@x.example,Ann,Lee,Bonn"], "cp1252", 1),
        (["a@x.example,Łukasz,Wójcik,Łódź", "b@x.example,Żaneta,Król,Kraków"], "cp1250", 0),
        (["a@x.example,Иван,Петров,Москва", "b@x.example,Ольга,Сидорова,Тула"], "cp1251", 1),
        (["a@x.example,太郎,山田,東京", "b@x.example,花子,佐藤,大阪"], "cp932", 1),
        (["a@x.example,René,O’Neill,Orléans", "b@x.example,José,Núñez,León"], "cp1252", 0),
    ],
)
def test_a_line_in_another_encoding_than_the_rest_is_read_in_its_own(
    importing: Importing, lines: list[str], encoding: str, wrong: int
) -> None:
    content = HEADER.encode() + b"".join(
        f"{line}\n".encode(encoding if place == wrong else "utf-8") for place, line in enumerate(lines)
    )
    imported = importing.run(content)
    assert imported["status"] == "completed"
    assert names(importing) == [" ".join(line.split(",")[1:3]) for line in lines]
    assert "1 line is not written in UTF-8 as the rest of the file" in imported["reason"]
    assert f"line {wrong + 2}. " in imported["reason"]


def test_the_lines_in_another_encoding_are_counted_and_the_first_named(importing: Importing) -> None:
    good = "".join(f"g{place}@x.example,Zoë,Groß,Köln\n" for place in range(60)).encode()
    other = "".join(f"o{place}@x.example,René,Faß,Ulm\n" for place in range(30)).encode("cp1252")
    imported = importing.run(b"\xef\xbb\xbf" + HEADER.encode() + good + other)
    assert set(names(importing)) == {"Zoë Groß", "René Faß"}
    assert "30 lines are not written in UTF-8" in imported["reason"]
    assert "lines 62, 63, 64," in imported["reason"]


def test_a_line_with_both_encodings_loses_neither(importing: Importing) -> None:
    line = "b@x.example,José,".encode() + "Núñez,León\n".encode("cp1252")
    importing.run(HEADER.encode() + "a@x.example,Zoë,Groß,Köln\n".encode() + line)
    assert names(importing) == ["Zoë Groß", "José Núñez"]


@pytest.mark.parametrize("cell", ["O’Connor", "D’Amico", "Miller’s", "“Bo” Lee", "Lee – Ray", "wait…"])
def test_signs_of_windows_are_not_taken_for_letters_of_dos(importing: Importing, cell: str) -> None:
    importing.run(f"{HEADER}a@x.example,Ann,{cell},Ulm\n".encode("cp1252"))
    assert importing.stored()[0]["last_name"] == cell


def test_an_encoding_that_is_not_sure_is_told_with_both_readings(importing: Importing) -> None:
    imported = importing.run(f"{HEADER}a@x.example,Ann,Peña,Ulm\n".encode("cp1252"))
    assert names(importing) == ["Ann Peña"]
    assert "'Ann,Peña" in imported["reason"].replace("a@x.example,", "")
    assert "windows-1250" in imported["reason"]
    assert "unsure_encoding" in [code for _, _, code in importing.defects(imported["id"])]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_an_encoding_that_is_sure_is_not_talked_about(importing: Importing, encoding: str) -> None:
    imported = importing.run(f"{HEADER}a@x.example,Jürgen,Groß,Köln\nb@x.example,Björn,Müller,Düren\n".encode(encoding))
    assert imported["reason"] is None


@pytest.mark.parametrize("read_in", ["sloppy-windows-1252", "latin-1", "sloppy-windows-1250", "macroman"])
def test_text_that_was_garbled_before_it_was_written_is_repaired(importing: Importing, read_in: str) -> None:
    text = HEADER + "a@x.example,José,Núñez,Málaga\nb@x.example,René,Faß,Orléans\n"
    imported = importing.run(garbled(text, read_in))
    assert names(importing) == ["José Núñez", "René Faß"]
    assert "6 cells were garbled" in imported["reason"]
    assert "'First name' (2)" in imported["reason"]


def test_text_that_was_garbled_twice_is_repaired(importing: Importing) -> None:
    importing.run(HEADER + f"a@x.example,Ann,{garbled(garbled('Núñez'))},Ulm\n")
    assert names(importing) == ["Ann Núñez"]


def test_only_the_garbled_columns_and_cells_are_touched(importing: Importing) -> None:
    text = f"{HEADER}a@x.example,José,{garbled('Núñez')},CAFÉ™\nb@x.example,Zoë,{garbled('Müller')},Âme\n"
    imported = importing.run(text)
    assert names(importing) == ["José Núñez", "Zoë Müller"]
    assert [one["city"] for one in importing.stored()] == ["CAFÉ™", "Âme"]
    assert "Columns: 'Last name' (2)" in imported["reason"]


def test_letters_that_could_be_meant_are_repaired_only_where_their_column_is_garbled_throughout(
    importing: Importing,
) -> None:
    importing.run(garbled(f"{HEADER}a@x.example,José,Čapek,Málaga\nb@x.example,René,Škoda,Orléans\n"))
    assert names(importing) == ["José Čapek", "René Škoda"]


def test_text_that_cannot_be_brought_back_for_sure_stays_and_is_told(importing: Importing) -> None:
    lost = garbled("Núñez Ibáñez").replace("Ã±ez", "Ã±ez €uro Ω", 1)
    imported = importing.run(f"{HEADER}a@x.example,Ann,{lost},Ulm\n")
    assert importing.stored()[0]["last_name"] == lost
    assert "cannot be repaired for sure" in imported["reason"]
    assert lost in imported["reason"]


def test_garbled_text_stays_where_that_is_asked(importing: Importing) -> None:
    importing.run(f"{HEADER}a@x.example,{garbled('José')},Lee,Ulm\n", reading={"repair_text": False})
    assert names(importing) == [f"{garbled('José')} Lee"]


def test_a_garbled_header_is_repaired_in_the_preview_too(importing: Importing) -> None:
    path = importing.folder / "garbled.csv"
    path.write_text(garbled("Straße,Prénom\nKönigsallee,José\n"))
    found = queries.preview_file(importing.home, path, "contact", ReadOptions())
    assert found["columns"] == ["Straße", "Prénom"]
    assert found["sample_rows"] == [["Königsallee", "José"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_lines_that_are_quoted_as_a_whole_are_rows(importing: Importing, delimiter: str) -> None:
    rows = [
        ["Email", "First name", "Company"],
        ["a@x.example", "Ann", f'""Lee{delimiter} Inc.""'],
        ["b@x.example", "Bo", '""two\nlines""'],
    ]
    imported = importing.run("".join(f'"{delimiter.join(cells)}"\n' for cells in rows))
    assert [one["company_name"] for one in importing.stored()] == [f"Lee{delimiter} Inc.", "two\nlines"]
    assert "Each line is quoted as a whole" in imported["reason"]


def test_one_line_that_is_quoted_as_a_whole_is_a_row_with_a_word_about_it(importing: Importing) -> None:
    imported = importing.run(f'{HEADER}a@x.example,Ann,Lee,Ulm\n"b@x.example,Bo,""May, Jr."",Bonn"\n')
    assert names(importing) == ["Ann Lee", "Bo May, Jr."]
    assert (2, None, "quoted_line") in importing.defects(imported["id"])


def test_a_column_of_quoted_texts_with_commas_is_no_table(importing: Importing) -> None:
    path = importing.folder / "texts.csv"
    path.write_text('"Notes"\n"one, two"\n"three"\n"four, five, and six"\n')
    assert queries.preview_file(importing.home, path, None, ReadOptions())["columns"] == ["Notes"]
