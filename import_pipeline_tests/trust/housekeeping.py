"""Rounds of keeping house after some days, and what they leave of an import of good or bad rows."""

import re
import time
from collections.abc import Mapping

from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.service.retention import (
    DAY,
    House,
    clear_imports,
    clear_leftovers,
    clear_payloads,
    clear_workspaces,
)
from import_pipeline_tests.importing import Importing

GOOD, BAD = "external_id,first_name\n1,Ada\n", "external_id,status\n1,lead\n2,Sponsor?\n"


def round_after(
    importing: Importing, days: float, kept: Mapping[str, int] | None = None, *, dry_run: bool = False
) -> dict[str, int]:
    """Keep house as if so many days had passed; gives how much of each kind went."""
    settings = importing.settings.model_copy(
        update={f"keep_{kind}_days": number for kind, number in (kept or {}).items()}
    )
    house = House(settings, time.monotonic() + 60, dry_run, time.time() + days * DAY)
    home = importing.home
    clear_payloads(home, house)
    clear_workspaces(home, house)
    clear_leftovers(house)
    clear_imports(home, house)
    assert not house.unfinished
    return {kind: cleared.count for kind, cleared in house.cleared.items() if cleared.count}


def files(importing: Importing) -> list[str]:
    """Files and folders of imports in the home, as they lie there."""
    home = importing.settings.home_path
    found = [path for place in ("bucket", "workspaces") for path in (home / place).rglob("*")]
    named = (str(path.relative_to(home)) for path in found if path.name != UNFINISHED)
    return sorted(re.sub(r"/[0-9a-f]{16}\.", "/*.", name) for name in named)
