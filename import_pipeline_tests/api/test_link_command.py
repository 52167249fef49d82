"""`import-pipeline link`: the address of the page for a person, from the terminal."""

import time

import pytest

from import_pipeline.errors import LinkRefusedError
from import_pipeline.home import Home
from import_pipeline.service import sessions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.words import Source
from import_pipeline_tests.cli.terminal import Terminal


def test_a_link_is_the_last_word_and_opens_once(settings: Settings, terminal: Terminal) -> None:
    made = terminal.run("link", "--organization", "acme", "--name", "Jane Doe")
    url = made.stdout.split()[-1]
    assert url.startswith("http://127.0.0.1:8000/app/#link=lnk_")
    begun = sessions.begin(Home(settings), url.partition("#link=")[2])
    assert (begun.record.organization, begun.record.scope, begun.record.import_id) == ("acme", "write", None)
    assert begun.record.expires_at is not None
    assert begun.record.expires_at - time.time() > 11 * 3_600
    with pytest.raises(LinkRefusedError):
        sessions.begin(Home(settings), url.partition("#link=")[2])
    listed = terminal.run("token", "list").stdout
    assert begun.record.prefix in listed
    assert "Jane Doe" in listed
    assert terminal.run("token", "revoke", begun.record.prefix).exit_code == 0
    assert begun.record.prefix not in terminal.run("token", "list").stdout


def test_a_link_to_one_import_to_read_for_a_site_at_another_address(settings: Settings, terminal: Terminal) -> None:
    new = NewImport(id="spring", organization="acme", record_type="contact", source=Source.TERMINAL)
    imports.create(Home(settings).registry, new)
    asked = (
        "--import",
        "spring",
        "--origin",
        "https://app.example.com",
        "--read",
        "--address",
        "https://imports.acme.com/",
    )
    made = terminal.run("link", "--organization", "acme", *asked)
    assert "import spring within pages of https://app.example.com once, to read, until" in made.stdout
    url = made.stdout.split()[-1]
    assert url.startswith("https://imports.acme.com/app/embed/lnk_")
    begun = sessions.begin(Home(settings), url.partition("#link=")[2])
    assert (begun.record.scope, begun.record.import_id, begun.link.origin) == (
        "read", "spring", "https://app.example.com",
    )  # fmt: skip


def test_a_link_stands_at_the_public_address_where_there_is_one(terminal: Terminal) -> None:
    made = terminal.run("link", "--organization", "acme", IMPORT_PIPELINE_PUBLIC_URL="https://x.example/imports")
    assert made.stdout.split()[-1].startswith("https://x.example/imports/app/#link=")


@pytest.mark.parametrize(
    "asked",
    [
        ("--organization", "No Such"),
        ("--organization", "acme", "--minutes", "0"),
        ("--organization", "acme", "--origin", "https://app.example.com"),
        ("--organization", "acme", "--import", "none"),
        ("--organization", "acme", "--name", "x" * 101),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(terminal: Terminal, asked: tuple[str, ...]) -> None:
    assert terminal.run("link", *asked).exit_code == 2


def test_a_link_with_a_preset_begins_a_draft(settings: Settings, terminal: Terminal) -> None:
    preset = '{"resource": "contact", "name": "Spring", "column_mapping": {"email": "E-mail"}}'
    made = terminal.run("link", "--organization", "acme", "--preset", preset)
    assert "Opens a new import of contact once, to read and write, until" in made.stdout
    home = Home(settings)
    begun = sessions.begin(home, made.stdout.split()[-1].partition("#link=")[2])
    assert begun.record.import_id is not None
    draft = imports.get(home.registry, begun.record.import_id, "acme")
    assert (draft.is_draft, draft.name, draft.created_by) == (True, "Spring", "terminal")
    assert draft.spec["column_mapping"] == {"E-mail": "email"}


@pytest.mark.parametrize(
    ("preset", "told"),
    [
        ('{"resource": "contcat"}', "contact"),
        ('{"resource": "contact", "nmae": "x"}', "'name'"),
        ('{"name": "x"}', "'resource' is missing"),
        ("{", "not JSON"),
    ],
)
def test_a_preset_with_a_slip_is_refused_with_what_is_right(terminal: Terminal, preset: str, told: str) -> None:
    refused = terminal.run("link", "--organization", "acme", "--preset", preset)
    assert refused.exit_code == 2
    assert told in refused.output
