"""`import-pipeline token`: tokens at the terminal."""

from import_pipeline.imports import ImportService
from import_pipeline.settings import Settings
from import_pipeline.stores.tokens import Tokens
from import_pipeline_tests.cli.terminal import Terminal


def tokens(home: Settings) -> Tokens:
    return Tokens(ImportService(home).registry.database)


def test_a_token_is_made_and_printed_once_as_the_last_word(home: Settings, terminal: Terminal) -> None:
    made = terminal.run("token", "create", "--organization", "acme", "--scope", "read", "--expires", "30")
    token = made.stdout.split()[-1]
    record = tokens(home).find(token)
    assert record is not None
    assert (record.organization, record.scope) == ("acme", "read")
    assert record.expires_at is not None
    assert record.expires_at - record.created_at == 30 * 86_400
    listed = terminal.run("token", "list").stdout
    assert record.prefix in listed
    assert token not in listed


def test_a_revoked_token_opens_nothing(home: Settings, terminal: Terminal) -> None:
    token = terminal.run("token", "create", "--organization", "acme").stdout.split()[-1]
    assert terminal.run("token", "revoke", token[:17]).exit_code == 0
    assert tokens(home).find(token) is None
    assert "revoked" in terminal.run("token", "list").stdout


def test_a_token_for_an_impossible_organization_or_time_is_refused(home: Settings, terminal: Terminal) -> None:
    assert terminal.run("token", "create", "--organization", "No Such").exit_code == 2
    assert terminal.run("token", "create", "--organization", "acme", "--expires", "0").exit_code == 2
    assert terminal.run("token", "revoke", "ipt_000000000000_").exit_code == 1
    assert tokens(home).list() == []
