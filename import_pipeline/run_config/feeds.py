"""Feeds: files that are looked for in the bucket at set times, as `data/feeds.yaml` lists them.

What a feed may say stands here, once; its schedule is made in `orchestration`, which reads the list.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from import_pipeline import record_types
from import_pipeline.checked import checked, shown
from import_pipeline.errors import MisuseError, SpecError, UnknownRecordTypeError
from import_pipeline.nearest import listed
from import_pipeline.run_config.object_key import is_sidecar, record_type_of_folder
from import_pipeline.run_config.plain import from_plain, merged_with
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.yaml_text import load_yaml
from import_pipeline.words import DEFAULT_ORGANIZATION, UPLOADS

MAX_FEEDS_BYTES = 256 * 1024
WHOLE_FILE = "whole_file"
"""What a feeds file is called of which nothing can be used."""
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"

_WILDCARD = re.compile(r"[*?\[]")
_CRON_PART = re.compile(r"[0-9A-Za-z*/,#?-]+")


def _five_parts(cron: str) -> str:
    parts = cron.split()
    if len(parts) != 5 or not all(_CRON_PART.fullmatch(part) for part in parts):
        raise ValueError(
            "it must have five parts, minute, hour, day, month and day of the week, for example '0 6 * * 1-5'"
        )
    return " ".join(parts)


def _place_in_bucket(url: str) -> str:
    if "://" in url or url.startswith("/") or any(part in ("", ".", "..") for part in url.split("/")):
        raise ValueError(
            "it must be a place in the bucket, without a scheme, a leading / or .. in it, "
            "for example uploads/acme/contact/leads-*.csv"
        )
    if not url.isprintable() or "\\" in url:
        raise ValueError("it must be without control characters and \\")
    return url


class _FeedEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN)] = Field(
        description="A name of small letters, digits and _, for example daily_leads; the schedule is called by it."
    )
    cron: Annotated[str, AfterValidator(_five_parts)] = Field(description="When to look, for example '0 6 * * *'.")
    url: Annotated[str, StringConstraints(min_length=1, max_length=1024), AfterValidator(_place_in_bucket)] = Field(
        description="Which files: uploads/acme/contact/leads-*.csv, or leads-*.csv in the feed's own folder."
    )
    record_type: str | None = Field(default=None, description="What the rows are, where url doesn't say it.")
    organization: str | None = Field(default=None, description="Whose import it is, where url doesn't say it.")
    spec: dict[str, Any] | None = Field(
        default=None, description="What is asked of the import, in the words of the spec."
    )


class Feed(BaseModel):
    """One feed.

    Attributes:
        name: Its name, unique, fit for the name of a schedule.
        cron: When to look, five parts; whether the numbers make sense is the scheduler's to say.
        pattern: Object keys it takes, with * ? [ ] inside a folder or name, never across a /.
        spec: What is asked of every import of the feed.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    cron: str
    pattern: str
    spec: ImportSpec

    @property
    def record_type(self) -> str:
        """What the rows are."""
        return self.spec.record_type

    @property
    def organization(self) -> str:
        """Whose imports the feed makes."""
        return self.spec.organization

    @property
    def prefix(self) -> str:
        """The folder that all keys of the feed lie under, with its / at the end, or empty."""
        folders = self.pattern.split("/")[:-1]
        literal = next((place for place, folder in enumerate(folders) if _WILDCARD.search(folder)), len(folders))
        return "".join(f"{folder}/" for folder in folders[:literal])

    def takes(self, key: str) -> bool:
        """Whether an object belongs to the feed; a sidecar never does."""
        return _matches(key, self.pattern)


@dataclass(frozen=True)
class WrongFeed:
    """A feed that cannot be used, or the whole file; the other feeds are not in its way.

    Attributes:
        name: Its name, or one by its place in the file.
        reason: What is wrong with it, and the remedy.
        pattern: Which objects it means; None where the file does not say it in a usable way.
    """

    name: str
    reason: str
    pattern: str | None = None

    def takes(self, key: str) -> bool:
        """Whether an object seems to belong to the feed."""
        return self.pattern is not None and _matches(key, self.pattern)


@dataclass(frozen=True)
class Feeds:
    """What the feeds file says: the feeds that can be used, and those that cannot."""

    usable: tuple[Feed, ...] = ()
    wrong: tuple[WrongFeed, ...] = ()


def read_feeds(path: Path) -> Feeds:
    """Read the feeds file; without the file there are no feeds. A wrong feed costs that feed alone."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FEEDS_BYTES + 1)
    except FileNotFoundError:
        return Feeds()
    except OSError as error:
        return Feeds(wrong=(WrongFeed(WHOLE_FILE, f"{path} cannot be read: {error.strerror}. Make it readable."),))
    return parse_feeds(text, str(path))


def parse_feeds(text: str | bytes, where: str = "feeds.yaml") -> Feeds:
    """Read the text of a feeds file: the key `feeds` with a list.

    Args:
        text: What the file holds.
        where: The file, as reasons name it.

    Returns:
        The feeds in the order of the file; what is wrong names file, feed, key and remedy. Of two feeds of one name
        both are wrong.
    """
    try:
        entries = _entries(text, where)
    except SpecError as error:
        return Feeds(wrong=(WrongFeed(WHOLE_FILE, error.message),))
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in entries]
    usable: list[Feed] = []
    wrong: list[WrongFeed] = []
    for place, (entry, name) in enumerate(zip(entries, names, strict=True), start=1):
        try:
            feed = _feed(entry, f"{where}, feed {place}")
            if names.count(name) > 1:
                raise SpecError(f"{where} has more than one feed called {name!r}. Give each its own name.", file=where)
            usable.append(feed)
        except MisuseError as error:
            named = isinstance(name, str) and re.fullmatch(NAME_PATTERN, name) and names.count(name) == 1
            wrong.append(WrongFeed(str(name) if named else f"number_{place}", error.message, _pattern_of(entry)))
    return Feeds(tuple(usable), tuple(wrong))


def _entries(text: str | bytes, where: str) -> list[Any]:
    found = load_yaml(text, where, MAX_FEEDS_BYTES)
    if found is None:
        return []
    entries = found.get("feeds") if isinstance(found, dict) and set(found) == {"feeds"} else found
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise SpecError(f"{where} holds {shown(found)}: it must hold the one key `feeds` with a list.", file=where)
    return entries


def _pattern_of(entry: Any) -> str | None:
    """Which objects a feed means that cannot be used, as far as it says so."""
    url = entry.get("url") if isinstance(entry, dict) else None
    return url if isinstance(url, str) and url.startswith(f"{UPLOADS}/") else None


def _matches(key: str, pattern: str) -> bool:
    """Whether an object's name fits a pattern; a sidecar never does."""
    wanted, found = pattern.split("/"), key.split("/")
    return (
        not is_sidecar(key)
        and len(wanted) == len(found)
        and all(fnmatchcase(part, one) for part, one in zip(found, wanted, strict=True))
    )


def _feed(given: Any, where: str) -> Feed:
    entry = checked(_FeedEntry, given, where)
    where = f"{where} ({entry.name})"
    said = _said_by_url(entry.url, where)
    own = {"organization": entry.organization, "record_type": entry.record_type}
    whole = merged_with(
        {key: value for key, value in own.items() if value is not None}, said, where, f"url {entry.url!r}"
    )
    if "record_type" not in whole:
        raise SpecError(
            f"{where}: 'record_type' is missing, and url {entry.url!r} doesn't say it. Give it: "
            f"one of {listed(record_types.names())}.",
            field="record_type",
        )
    if whole["record_type"] not in record_types.names():
        raise UnknownRecordTypeError(whole["record_type"], record_types.names())
    whole.setdefault("organization", DEFAULT_ORGANIZATION)
    spec = from_plain(merged_with(entry.spec or {}, whole, f"{where}, spec", "the feed"), f"{where}, spec")
    folder = f"{UPLOADS}/{spec.organization}/{spec.record_type}/" if "/" not in entry.url else ""
    return Feed(name=entry.name, cron=entry.cron, pattern=folder + entry.url, spec=spec)


def _said_by_url(url: str, where: str) -> dict[str, str]:
    """Organization and record type, where the files lie in the folders that say them."""
    parts = url.split("/")
    if parts[0] != UPLOADS:
        if _WILDCARD.search(parts[0]) and len(parts) > 1:
            raise SpecError(
                f"{where}: url {url!r} begins with a folder that is not named. Name the first folder.", field="url"
            )
        return {}
    if len(parts) != 4 or _WILDCARD.search(parts[1]) or record_type_of_folder(parts[2]) is None:
        raise SpecError(
            f"{where}: url {url!r} must be {UPLOADS}/<organization>/<record type>/<name>, with organization and record "
            f"type written out (one of {listed(record_types.names())}); only the name may have * ? [ ] in it.",
            field="url",
        )
    record_type = record_type_of_folder(parts[2])
    return {"organization": parts[1], "record_type": record_type} if record_type is not None else {}
