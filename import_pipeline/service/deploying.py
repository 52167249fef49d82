"""Deployments: the files of `import_pipeline/deploy/` written out for one installation, with secrets made for it.

What a file says is decided there. Here are the names that the files get, what is filled in, and what is never replaced:
files whose name ends in .env hold settings and secrets of people.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from import_pipeline.errors import MisuseError

Kind = Literal["compose", "kubernetes", "systemd"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_PACKAGE = "import_pipeline.deploy"
_COMMON = ("GUIDE.md",)
_OF_IMAGE = {"common/Dockerfile": "Dockerfile", "common/dockerignore": ".dockerignore"}
_INSTANCES = "import_pipeline.orchestration"
_INSTANCE = {"compose": "dagster.celery.yaml", "kubernetes": "dagster.kubernetes.yaml"}
_EXTRAS = frozenset({"celery", "ducklake", "kubernetes", "postgres"})
_SECRETS = ("superuser_password", "database_password", "broker_password", "bucket_secret", "signing_key")
_OWNER_ONLY = 0o600
_EVERYBODY = 0o644
_PROGRAM = 0o755


@dataclass
class Deployment:
    """What became of writing a deployment out; names are relative to its folder.

    Attributes:
        written: Files that were made or replaced.
        kept: Files with settings or secrets that were there already.
    """

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def write(kind: Kind, folder: Path, *, force: bool = False) -> Deployment:
    """Write the files of a deployment into a folder.

    Args:
        kind: Which deployment.
        folder: Where to; made where it is missing.
        force: Whether files that are there are replaced, but for those with settings and secrets.

    Raises:
        MisuseError: A file is there already, or some of the files with secrets are there and others are not.
    """
    texts = {name: _filled(text) for name, text in _texts(kind).items()}
    present = [name for name in texts if (folder / name).exists()]
    if present and not force:
        raise MisuseError(
            f"{folder} holds {', '.join(present)} already. Choose another folder by --to, or replace these by --force; "
            "settings and secrets (*.env) are kept.",
            folder=str(folder),
        )
    kept = [name for name in present if name.endswith(".env")]
    missing = [name for name, text in texts.items() if _is_secret(name) and name not in kept]
    if missing and any(_is_secret(name) for name in kept):
        raise MisuseError(
            f"{folder} holds secrets, and {', '.join(missing)} is missing, whose secrets go with them. Bring it back, "
            "or remove the others, too, to have new ones made.",
            folder=str(folder),
        )
    made = _made_secrets()
    folder.mkdir(parents=True, exist_ok=True)
    done = Deployment(kept=kept)
    for name, text in texts.items():
        if name in kept:
            continue
        _write(folder / name, _replaced(text, made))
        done.written.append(name)
    return done


def constraints() -> str:
    """The versions of all packages that this installation uses, as pip takes them: what was tested is what runs."""
    found: dict[str, str] = {}
    waiting = [("import-pipeline", _EXTRAS)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            package = distribution(name)
        except PackageNotFoundError:  # of an extra that is not installed here: its own pins hold
            continue
        found[name] = package.version
        waiting += _needed(package.requires or [], extras)
    del found["import-pipeline"]
    lines = [f"{name}=={found[name]}\n" for name in sorted(found)]
    return "".join(["# The versions with which this import-pipeline was installed where this was written.\n", *lines])


def _needed(requires: list[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    for text in requires:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def _texts(kind: Kind) -> dict[str, str]:
    """Name in the folder → text as it is shipped."""
    package = files(_PACKAGE)
    names = {name: name for name in _COMMON}
    names |= {f"{kind}/{one.name}": one.name for one in package.joinpath(kind).iterdir() if one.is_file()}
    in_containers = kind in _INSTANCE
    names |= _OF_IMAGE if in_containers else {}
    texts = {name: package.joinpath(*path.split("/")).read_text(encoding="utf-8") for path, name in names.items()}
    if in_containers:
        texts["dagster.yaml"] = files(_INSTANCES).joinpath(_INSTANCE[kind]).read_text(encoding="utf-8")
        texts["constraints.txt"] = constraints()
    return texts


def _filled(text: str) -> str:
    return _replaced(text, {"version": version("import-pipeline"), "dagster_version": version("dagster")})


def _made_secrets() -> dict[str, str]:
    made = {name: secrets.token_hex(32) for name in _SECRETS}
    return made | {"bucket_key": secrets.token_hex(10), "metrics_token": secrets.token_hex(32)}


def _replaced(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values.get(found[1], found[0]), text)


def _is_secret(name: str) -> bool:
    return name.endswith(".env") and name != "settings.env"


def _write(path: Path, text: str) -> None:
    """Write a file of which nobody else ever sees a part, nor a secret."""
    mode = _OWNER_ONLY if _is_secret(path.name) else _PROGRAM if path.suffix == ".sh" else _EVERYBODY
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        made.touch(mode=_OWNER_ONLY, exist_ok=False)
        made.write_text(text, encoding="utf-8")
        made.chmod(mode)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
