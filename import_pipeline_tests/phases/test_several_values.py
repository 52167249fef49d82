# ruff: noqa: RUF001 (words and digits of many scripts are what this is about)
"""Several addresses or numbers in a cell: the first is the main one, the next fill further fields, the rest is told."""

from collections.abc import Iterable

from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts


def told(importing: Importing, import_id: str) -> list[tuple[str, str]]:
    """Code and message of all defects."""
    return [(one["code"], one["message"]) for one in queries.defects(importing.home, import_id, limit=100)]


TWO_ADDRESSES = (
    "{a}; {b}", "{a}, {b}", "{a} / {b}", "{a} | {b}", "{a} ::: {b}", "{a} {b}", "{a} or {b}", "{a} und {b}",
    "{a}\n{b}", "mailto:{a}; mailto:{b}", "<{a}>, <{b}>", "{a};{b};{a};",
)  # fmt: skip
ONE_ADDRESS = ("mailto:{a}", "<{a}>", "{a};", "MAILTO:{a}?subject=Hello", "{a} <{a}>")
WITH_A_REST = {"Eva Kern <{a}>": "Eva Kern", '""Kern, Eva"" <{a}>': "Kern, Eva", "{a} (private)": "private"}
NO_ADDRESS = ("eva,kern@example.com", "eva kern@example.com", "eva@example.com;eva", "eva@@example.com", "eva@example")


def filled(shapes: Iterable[str]) -> list[str]:
    """Cells in which each shape has addresses of its own."""
    return [shape.format(a=f"a{row}@example.com", b=f"b{row}@example.org") for row, shape in enumerate(shapes)]


def contacts(cells: Iterable[str], column: str = "email") -> str:
    """A file with a contact for each of these cells."""
    return f"external_id,{column}\n" + "".join(f'{row},"{cell}"\n' for row, cell in enumerate(cells))


def test_two_addresses_in_a_cell_are_two_addresses(importing: Importing):
    imported = importing.run(contacts(filled(TWO_ADDRESSES)))
    assert [(one["email"], one["email_2"]) for one in importing.stored()] == [
        (f"a{row}@example.com", f"b{row}@example.org") for row in range(len(TWO_ADDRESSES))
    ]
    assert {code for code, _ in told(importing, imported["id"])} == {"several_values"}
    assert f"{len(TWO_ADDRESSES)} cells hold several values, by column: 'email'" in imported["reason"]


def test_an_address_in_a_wrapper_is_an_address(importing: Importing):
    imported = importing.run(contacts(filled(ONE_ADDRESS)))
    assert [one["email"] for one in importing.stored()] == [f"a{row}@example.com" for row in range(len(ONE_ADDRESS))]
    assert told(importing, imported["id"]) == []


def test_a_name_beside_an_address_is_left_out_and_told(importing: Importing):
    imported = importing.run(contacts(filled(WITH_A_REST)))
    assert [one["email"] for one in importing.stored()] == [f"a{row}@example.com" for row in range(len(WITH_A_REST))]
    for (code, message), rest in zip(told(importing, imported["id"]), WITH_A_REST.values(), strict=True):
        assert code == "text_left_out"
        assert f": {rest} was left out" in message


def test_half_an_address_is_never_made_one(importing: Importing):
    imported = importing.run(contacts([*NO_ADDRESS, "tom@example.com"]))
    assert counts(imported) == {"created": 1, "failed": len(NO_ADDRESS)}
    assert [one["email"] for one in importing.stored()] == ["tom@example.com"]


def test_a_second_address_of_its_own_column_stays_and_what_no_field_is_left_for_is_told(importing: Importing):
    imported = importing.run('email,email_2\n"a@example.com; b@example.com",c@example.com\n')
    assert importing.stored() == [{"email": "a@example.com", "email_2": "c@example.com"}]
    ((code, message),) = told(importing, imported["id"])
    assert code == "several_values"
    assert "no field is left for b@example.com" in message


def test_a_company_has_one_address_and_hears_of_the_other(importing: Importing):
    imported = importing.run('name,email\nOak,"info@example.com; sales@example.com"\n', "company")
    assert importing.stored("company") == [{"name": "Oak", "email": "info@example.com"}]
    assert "no field is left for sales@example.com" in told(importing, imported["id"])[0][1]


def test_who_is_found_by_either_of_two_addresses_is_one_person(importing: Importing):
    importing.run('email,city\n"a@example.com; b@example.com",Ulm\n')
    assert counts(importing.run("email,city\nb@example.com,Bonn\n")) == {"updated": 1}
    assert importing.stored() == [{"email": "a@example.com", "email_2": "b@example.com", "city": "Bonn"}]


def test_two_addresses_of_two_people_are_not_taken_for_one(importing: Importing):
    importing.run("email\na@example.com\nb@example.com\n")
    imported = importing.run('email,city\n"a@example.com; b@example.com",Ulm\n')
    assert counts(imported) == {"failed": 1}
    assert all("city" not in record for record in importing.stored())


TWO_NUMBERS = {
    "040 555101 / 0172 555102": ("040 555101", "0172 555102"),
    "040 555103 0172 555104": ("040 555103", "0172 555104"),
    "040 555105; 0172 555106": ("040 555105", "0172 555106"),
    "040 555107 ::: 0172 555108": ("040 555107", "0172 555108"),
    "+49 40 555109, +49 172 555110": ("+49 40 555109", "+49 172 555110"),
    "+49 40 555111 +49 172 555112": ("+49 40 555111", "+49 172 555112"),
    "(212) 555-0101/(212) 555-0102": ("(212) 555-0101", "(212) 555-0102"),
    "040 555113 oder 0172 555114": ("040 555113", "0172 555114"),
    "Tel. 040 555115, mobil 0172 555116": ("040 555115", "0172 555116"),
}
ONE_NUMBER = (
    "040/555201", "02204/55520", "035033/71234", "0172 / 5552 02", "+49 (0) 40 / 555-203", "040 555204 ext. 7",
    "040 55 52 05", "0049-40-555206", "+1 (212) 555-0101 x12",
)  # fmt: skip
NO_NUMBER = ("24.12.1999", "1999-12-24", "12/24/1999", "040 555101 0172 55510 0173 555103", "12345678901234567", "--12")


def test_two_numbers_in_a_cell_are_two_numbers(importing: Importing):
    imported = importing.run(contacts(TWO_NUMBERS, "phone"))
    assert [(one["phone"], one["phone_2"]) for one in importing.stored()] == list(TWO_NUMBERS.values())
    assert {code for code, _ in told(importing, imported["id"])} == {"several_values"}


def test_one_number_stays_as_it_is_written(importing: Importing):
    imported = importing.run(contacts(ONE_NUMBER, "phone"))
    assert [(one["phone"], one.get("phone_2")) for one in importing.stored()] == [(one, None) for one in ONE_NUMBER]
    assert told(importing, imported["id"]) == []


def test_a_number_typed_in_other_digits_is_stored_in_those_that_are_dialled(importing: Importing):
    imported = importing.run(
        contacts(("０３－１２３４－５６７８", "０９０ー１２３４ー５６７９", "+٤٤ ٧٩١١ ١٢٣٤٥٦"), "phone")
    )
    assert [one["phone"] for one in importing.stored()] == ["03-1234-5678", "090ー1234ー5679", "+44 7911 123456"]
    assert told(importing, imported["id"]) == []


def test_what_is_no_number_is_left_empty_and_told(importing: Importing):
    imported = importing.run(contacts(NO_NUMBER, "phone"))
    assert counts(imported) == {"created": len(NO_NUMBER)}
    assert not any("phone" in one for one in importing.stored())
    assert [code for code, _ in told(importing, imported["id"])] == ["invalid_phone"] * len(NO_NUMBER)


def test_the_other_end_of_an_extension_is_left_out_and_told(importing: Importing):
    imported = importing.run("email,phone\neva@example.com,040 555101/-57\n")
    assert importing.stored() == [{"email": "eva@example.com", "phone": "040 555101"}]
    assert "-57" in told(importing, imported["id"])[0][1]


def test_a_contact_is_found_by_the_first_of_two_numbers(importing: Importing):
    importing.run("first_name,last_name,phone\nEva,Kern,040 555101\n")
    imported = importing.run('first_name,last_name,phone,city\nEva,Kern,"040 555101 / 0172 555102",Ulm\n')
    assert counts(imported) == {"updated": 1}
    (record,) = importing.stored()
    assert (record["phone"], record["phone_2"]) == ("040 555101", "0172 555102")
