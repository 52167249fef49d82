"""Links and sessions in the registry, on both databases: used once, by several at once, and gone with their import."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from import_pipeline.errors import DuplicateImportError, LinkRefusedError
from import_pipeline.stores import imports, links, rate_limits, retention, sessions, tokens
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.links import LinkRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.retention import Overdue
from import_pipeline.words import Source, Status
from import_pipeline_tests.migrating import migrate


def made(
    registry: Registry,
    organization: str = "acme",
    import_id: str | None = None,
    by: str = "ann",
    preset: dict[str, Any] | None = None,
) -> str:
    now = registry.now()
    record = LinkRecord(
        id=links.new_id(),
        organization=organization,
        scope="write",
        import_id=import_id,
        origin=None,
        name=None,
        created_by=by,
        created_at=now,
        expires_at=now + 600,
        preset=preset,
    )
    return links.create(registry, record)


def draft_of(link: LinkRecord) -> NewImport:
    return NewImport(organization=link.organization, record_type=link.resource or "", source=Source.API)


def outcome(registry: Registry, link: str) -> str:
    try:
        sessions.begin(registry, link, draft_of)
    except LinkRefusedError as error:
        return error.culprits["why"]
    return "opened"


def test_of_many_who_open_a_link_at_once_one_has_a_session(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        link = made(registry)
        with ThreadPoolExecutor(6) as threads:
            found = sorted(threads.map(lambda _: outcome(registry, link), range(6)))
        assert found == ["opened", *["used"] * 5]
        assert len([one for one in tokens.list_tokens(registry, "acme") if one.is_session]) == 1


def test_of_many_who_open_a_link_with_a_preset_at_once_one_begins_an_import(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        link = made(registry, preset={"record_type": "contact"})
        with ThreadPoolExecutor(6) as threads:
            found = sorted(threads.map(lambda _: outcome(registry, link), range(6)))
        assert found == ["opened", *["used"] * 5]
        [session] = [one for one in tokens.list_tokens(registry, "acme") if one.is_session]
        [draft] = imports.list_imports(registry, "acme").items
        [listed] = links.list_links(registry, "acme", 10, 0)
        assert session.import_id == listed.import_id == draft.id
        assert len(draft.phases) == 7


def test_a_link_whose_import_cannot_begin_stays_unused(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        link = made(registry, preset={"record_type": "contact"})
        taken = NewImport(id="spring", organization="acme", record_type="contact", source=Source.API)
        imports.create(registry, taken)
        with pytest.raises(DuplicateImportError):
            sessions.begin(registry, link, lambda _: taken)
        assert outcome(registry, link) == "opened"


def test_an_earlier_version_has_no_link_that_it_would_take_for_one_to_all_of_the_organization(
    registry_url: str,
) -> None:
    with Registry(registry_url) as registry:
        unused = made(registry, preset={"record_type": "contact"})
        used, other = made(registry, preset={"record_type": "contact"}), made(registry)
        assert outcome(registry, used) == "opened"
    migrate(registry_url, command.downgrade, "0013")
    with Registry(registry_url) as registry:
        assert [outcome(registry, link) for link in (unused, used, other)] == ["unknown", "used", "opened"]
        assert imports.list_imports(registry, "acme").total_count == 1


def test_a_link_is_too_old_from_the_second_on_that_it_names(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        moment = time.time()
        registry.clock = lambda: moment
        first, second = made(registry), made(registry)
        registry.clock = lambda: int(moment) + 599
        assert outcome(registry, first) == "opened"
        registry.clock = lambda: int(moment) + 600
        assert outcome(registry, second) == "expired"


def test_with_a_maker_who_is_trusted_no_more_go_the_links_and_what_came_of_them(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        link, other = made(registry, by="token:1"), made(registry, by="token:2")
        token, _, _ = sessions.begin(registry, link, draft_of)
        links.remove_made_by(registry, "token:1")
        assert tokens.find(registry, token) is None
        assert outcome(registry, link) == "unknown"
        assert outcome(registry, other) == "opened"


def test_a_link_goes_with_the_import_that_it_is_for(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        new = NewImport(id="spring", organization="acme", record_type="contact", source=Source.API)
        imports.create(registry, new)
        link, other = made(registry, import_id="spring"), made(registry)
        registry.write(
            lambda connection: connection.execute(text("UPDATE imports SET status = 'cancelled', ended_at = 1"))
        )
        assert imports.get(registry, "spring").status is Status.CANCELLED
        overdue = Overdue(ended_before=registry.now(), undoable_since=registry.now())
        assert retention.forget_imports(registry, ["spring"], overdue) == 1
        assert outcome(registry, link) == "unknown"
        assert outcome(registry, other) == "opened"


def test_an_earlier_version_has_no_session_that_it_would_take_for_a_token(registry_url: str) -> None:
    with Registry(registry_url) as registry:
        token, kept = tokens.create(registry, "acme")
        session, _, _ = sessions.begin(registry, made(registry), draft_of)
        assert rate_limits.take(registry, kept.id, 5) is None
    migrate(registry_url, command.downgrade, "0011")
    engine = create_engine(registry_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT id FROM tokens")).scalars().all() == [kept.id]
        assert connection.execute(text("SELECT count(*) FROM creates")).scalar_one() == 1
    engine.dispose()
    with Registry(registry_url) as registry:
        found = tokens.find(registry, token)
        assert found is not None
        assert (found.kind, found.import_id, found.link_id) == ("token", None, None)
        assert tokens.find(registry, session) is None


@pytest.mark.parametrize("prefix", ["ipt_", "ips_", ""])
def test_a_session_is_ended_by_whatever_is_known_of_its_beginning(tmp_path: Any, prefix: str) -> None:
    with Registry(f"sqlite:///{tmp_path}/registry.sqlite") as registry:
        token, record, _ = sessions.begin(registry, made(registry), draft_of)
        assert token.startswith(record.prefix)
        assert record.prefix.startswith("ips_")
        assert tokens.revoke(registry, f"{prefix}{record.id}").is_session
        assert tokens.find(registry, token) is None
        assert tokens.list_tokens(registry) == []
