"""The sidecar `<name>.import.yaml` beside an object of the bucket: the spec of that object, in the project's own words.

Organization and record type are said by the folders; a sidecar may repeat them and cannot change them.
"""

from typing import Any

from import_pipeline.checked import shown
from import_pipeline.errors import SpecError
from import_pipeline.run_config.object_key import from_object_key, sidecar_key
from import_pipeline.run_config.plain import from_plain, merged_with
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.yaml_text import load_yaml

MAX_SIDECAR_BYTES = 64 * 1024


def parse_sidecar(text: str | bytes, where: str) -> dict[str, Any]:
    """Read the text of a sidecar into plain words; an empty sidecar says nothing.

    Args:
        text: What the sidecar holds.
        where: Its object key, for refusals.

    Raises:
        SpecError: It is too large, not YAML, or not keys with values.
    """
    found = load_yaml(text, where, MAX_SIDECAR_BYTES)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SpecError(
            f"{where} holds {shown(found)}: it must hold keys with values, for example `action: merge`.", file=where
        )
    return found


def spec_for_object(key: str, sidecar: str | bytes | None = None, *, created_by: str | None = None) -> ImportSpec:
    """The spec of an object under the watched folder.

    Args:
        key: The object's key, uploads/<organization>/<record type>/<name>.
        sidecar: The text of its sidecar, or None where it has none.
        created_by: Who asked, where the sidecar doesn't say it.

    Raises:
        InvalidNameError: The key is not of this form.
        SpecError: The sidecar cannot be read, has an unknown key or value, or contradicts the folders.
    """
    place = from_object_key(key)
    where = sidecar_key(key)
    words = parse_sidecar(sidecar, where) if sidecar is not None else {}
    fixed = {"organization": place.organization, "record_type": place.record_type}
    return from_plain({"created_by": created_by} | merged_with(words, fixed, where, f"the folder of {key}"), where)
