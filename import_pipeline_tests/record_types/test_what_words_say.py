"""Headers that refuse, and what the values of a column look like."""

import pytest

from import_pipeline import record_types
from import_pipeline.record_types.lexicon.months import MONTHS
from import_pipeline.record_types.opposites import refusal_of
from import_pipeline.record_types.value_kinds import share_of_choices, shares


@pytest.mark.parametrize(
    "header",
    ["Unsubscribed", "Unsubscribed from all email", "Opt-out", "email_opt_out", "HasOptedOutOfEmail", "Do not email",
     "Do Not Contact", "Blacklisted", "Abgemeldet am", "Kein Newsletter", "Désinscrit", "Dado de baja", "Disiscritto",
     "Uitgeschreven", "Avregistrerad"],
)  # fmt: skip
def test_a_yes_in_such_a_column_refuses_mail(header: str):
    assert refusal_of(header) == "mail"


@pytest.mark.parametrize("header", ["Do Not Call", "DoNotCall", "SMS Opt-Out", "Nicht anrufen", "no calls"])
def test_a_yes_in_such_a_column_refuses_calls_alone(header: str):
    assert refusal_of(header) == "calls"


@pytest.mark.parametrize(
    "header", ["Newsletter", "Subscribed", "Email opt-in", "Opt in/opt out", "Not unsubscribed", "Notes", "Status"]
)
def test_such_a_column_refuses_nothing(header: str):
    assert refusal_of(header) is None


def test_values_are_evidence_for_what_a_column_is():
    assert shares(["Mr", "Mrs.", "Herr", "Dr."])["salutation"] == 1
    assert shares(["+49", "1", "0044"])["calling_code"] == 1
    assert shares(["a@example.com", "-", None, "b@example.org"])["email"] == 1
    assert shares(["Manager", "Clerk"])["salutation"] == 0
    assert shares(["", None, "N/A"]) == {}


def test_a_choice_field_says_which_part_of_the_values_it_understands():
    newsletter = record_types.get("contact").field("newsletter")
    assert share_of_choices(["Subscribed", "opted out", "x", "weekly"], newsletter) == 0.75
    assert share_of_choices([None], newsletter) is None


def test_no_word_means_two_months():
    words = [word for names in MONTHS.values() for word in set(names)]
    assert len(words) == len(set(words))
