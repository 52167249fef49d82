# ruff: noqa: RUF001 (words and digits of many scripts are what this is about)
"""Yes, no and the words of other tools in choice fields; columns that say the opposite; dates with names of months."""

from datetime import date

from import_pipeline_tests.importing import Importing, counts

CONSENT = {
    "TRUE": "yes", "1": "yes", "x": "yes", "✓": "yes", "Ja": "yes", "oui": "yes", "sí": "yes", "Tak": "yes",
    "Opted-In": "yes", "SUBSCRIBED": "yes", "Inscrit": "yes", "FALSE": "no", "0": "no", "nein": "no",
    "Not subscribed": "no", "Non-Subscribed": "no", "Unconfirmed": "pending", "en attente": "pending",
    "opt_out": "unsubscribed", "Désinscrit": "unsubscribed", "abgemeldet": "unsubscribed", "Cleaned": "bounced",
    "hard-bounced": "bounced", "unsubscribed": "unsubscribed", "Evet": "yes", "HAYIR": "no", "DOĞRU": "yes",
    "YANLIŞ": "no", "kyllä": "yes", "はい": "yes", "いいえ": "no", "是": "yes", "否": "no", "예": "yes", "아니오": "no",
    "ИСТИНА": "yes", "ЛОЖЬ": "no", "WAAR": "yes", "ONWAAR": "no", "Igen": "yes", "ano": "yes", "ne": "no",
}  # fmt: skip
STAGES = {
    "New": "lead", "Marketing Qualified Lead": "lead", "SQL": "prospect", "Opportunity": "prospect",
    "Kunde": "customer", "Closed Won": "customer", "aktiv": "active",
    "Closed-Lost": "inactive", "Opted out": "unsubscribed",
}  # fmt: skip
DAYS = (
    "24. Dezember 1971", "24 décembre 1971", "24 de diciembre de 1971", "24 dicembre 1971", "24 de dezembro de 1971",
    "24 december 1971", "24 grudnia 1971", "den 24 december 1971", "December 24th, 1971", "24-Dec-1971",
    "Freitag, 24. Dez. 1971", "Fri, 24 Dec 1971", "1971年12月24日", "24. 12. 1971", "24 Dec 1971 18:30",
    "24 Aralık 1971", "24 ARALIK 1971", "24 декабря 1971 г.", "24. prosince 1971", "1971. december 24.",
    "24. joulukuuta 1971", "昭和46年12月24日", "１９７１年１２月２４日",
)  # fmt: skip


def contacts(column: str, cells: list[str]) -> str:
    return f"email,{column}\n" + "".join(f'{row}@example.com,"{cell}"\n' for row, cell in enumerate(cells))


def test_words_of_other_tools_say_whether_somebody_wants_mail(importing: Importing):
    imported = importing.run(contacts("newsletter", list(CONSENT)))
    assert counts(imported) == {"created": len(CONSENT)}
    assert [one["newsletter"] for one in importing.stored()] == list(CONSENT.values())


def test_words_of_other_tools_say_how_far_somebody_is(importing: Importing):
    importing.run(contacts("status", list(STAGES)))
    assert [one["status"] for one in importing.stored()] == list(STAGES.values())


def test_a_value_mapping_counts_more_than_what_a_word_usually_means(importing: Importing):
    importing.run(contacts("newsletter", ["x", "1"]), value_mappings={"newsletter": {"x": "no"}})
    assert [one["newsletter"] for one in importing.stored()] == ["no", "yes"]


def test_a_column_that_says_the_opposite_is_turned_round_and_told(importing: Importing):
    columns = ["Unsubscribed", "Opt-out", "HasOptedOutOfEmail", "Do not email", "Abgemeldet", "désinscrit"]
    for place, column in enumerate(columns):
        text = f"email,{column}\na{place}@example.com,yes\nb{place}@example.com,no\nc{place}@example.com,2024-05-06\n"
        imported = importing.run(text, column_mapping={"email": "email", column: "newsletter"})
        assert f"Column {column!r} says the opposite of newsletter" in imported["reason"]
    found = {one["email"][0]: one.get("newsletter") for one in importing.stored()}
    assert len(importing.stored()) == 3 * len(columns)
    assert found == {"a": "unsubscribed", "b": None, "c": "unsubscribed"}


def test_a_value_mapping_says_itself_what_a_refusal_means(importing: Importing):
    importing.run(
        "email,Opt out\nann@example.com,yes\nbob@example.com,no\n",
        column_mapping={"email": "email", "Opt out": "newsletter"},
        value_mappings={"newsletter": {"yes": "unsubscribed", "no": "yes"}},
    )
    assert [one["newsletter"] for one in importing.stored()] == ["unsubscribed", "yes"]


def test_dates_with_the_names_of_months_are_read_in_many_languages(importing: Importing):
    imported = importing.run(contacts("date_of_birth", list(DAYS)))
    assert importing.defects(imported["id"]) == []
    assert {one["date_of_birth"] for one in importing.stored()} == {date(1971, 12, 24)}


def test_what_only_looks_like_a_date_with_a_month_is_none(importing: Importing):
    cells = ["about 24 December 1971", "31 February 1971", "24 Decemberish 1971", "December 1971"]
    imported = importing.run(contacts("date_of_birth", cells))
    assert [code for _, _, code in importing.defects(imported["id"])] == ["invalid_date"] * len(cells)
