"""`import-pipeline token`: tokens at the terminal."""

from import_pipeline.home import Home
from import_pipeline.settings import Settings
from import_pipeline.stores import tokens
from import_pipeline.stores.registry import Registry
from import_pipeline_tests.cli.terminal import Terminal


def registry_of(settings: Settings) -> Registry:
    return Home(settings).registry


def test_a_token_is_made_and_printed_once_as_the_last_word(settings: Settings, terminal: Terminal) -> None:
    made = terminal.run("token", "create", "--organization", "acme", "--scope", "read", "--expires", "30")
    token = made.stdout.split()[-1]
    record = tokens.find(registry_of(settings), token)
    assert record is not None
    assert (record.organization, record.scope) == ("acme", "read")
    assert record.expires_at is not None
    assert record.expires_at - record.created_at == 30 * 86_400
    listed = terminal.run("token", "list").stdout
    assert record.prefix in listed
    assert token not in listed


def test_a_revoked_token_opens_nothing(settings: Settings, terminal: Terminal) -> None:
    token = terminal.run("token", "create", "--organization", "acme").stdout.split()[-1]
    assert terminal.run("token", "revoke", token[:17]).exit_code == 0
    assert tokens.find(registry_of(settings), token) is None
    assert "revoked" in terminal.run("token", "list").stdout


def test_a_token_for_an_impossible_organization_or_time_is_refused(settings: Settings, terminal: Terminal) -> None:
    assert terminal.run("token", "create", "--organization", "No Such").exit_code == 2
    assert terminal.run("token", "create", "--organization", "acme", "--expires", "0").exit_code == 2
    assert terminal.run("token", "revoke", "ipt_000000000000_").exit_code == 2
    assert tokens.list_tokens(registry_of(settings)) == []
