"""A plot of outcomes, small enough that Dagster's UI draws it in the table of metadata.

The UI draws markdown of a few hundred characters at once and hides longer text behind a link: hence bars without
decoration, and a legend of names beside them instead of axes.
"""

import base64
from collections.abc import Mapping

from import_pipeline.words import Outcome

COLOURS = {
    Outcome.CREATED: "#2a7",
    Outcome.UPDATED: "#27c",
    Outcome.UNCHANGED: "#999",
    Outcome.SKIPPED: "#c90",
    Outcome.DELETED: "#739",
    Outcome.FAILED: "#c33",
}
_WIDTH = 150
_LINE = 16


def outcomes_svg(outcomes: Mapping[str, int]) -> str:
    """Horizontal bars, one for each outcome that occurred, longest as wide as the plot.

    >>> outcomes_svg({"created": 2}).count("<rect")
    1
    """
    shown = [(outcome, outcomes[outcome]) for outcome in Outcome if outcomes.get(outcome)]
    most = max((count for _, count in shown), default=1)
    bars = "".join(
        f"<rect y='{line * _LINE}' width='{max(1, count * _WIDTH // most)}' height='12' fill='{COLOURS[outcome]}'/>"
        f"<text x='{max(1, count * _WIDTH // most) + 4}' y='{line * _LINE + 10}'>{outcome} {count:,}</text>"
        for line, (outcome, count) in enumerate(shown)
    )
    height = max(1, len(shown)) * _LINE
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH + 130}' height='{height}' font-size='11' "
        f"font-family='sans-serif'>{bars}</svg>"
    )


def outcomes_markdown(outcomes: Mapping[str, int]) -> str:
    """The plot as a markdown image that carries its own data."""
    data = base64.b64encode(outcomes_svg(outcomes).encode()).decode()
    return f"![outcomes](data:image/svg+xml;base64,{data})"
