"""What axe-core finds on a page against WCAG 2.2 AA, and a person who has nothing but a keyboard."""

from functools import cache
from importlib.resources import files

from import_pipeline_tests.web.browsers import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """
async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}
"""
_FOCUSED = """
() => {
  const one = document.activeElement;
  return (one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent ?? "").trim();
}
"""
_IS_SEEN = """
() => {
  const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (bottom - top > innerHeight / 2) return true; // a large region: some of it is seen
  const there = document.elementFromPoint(x, y);
  const labels = [...(document.activeElement.labels ?? [])];
  return [document.activeElement, ...labels].some((one) => one.contains(there) || there?.contains(one));
}
"""
_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def findings(page: Page) -> list[str]:
    """What axe-core finds wrong on what is shown: rule and element."""
    if not page.tab.evaluate("'axe' in window"):
        page.tab.evaluate(_axe() + "; null")
    return page.tab.evaluate(_RUN, _RULES)


class Keyboard:
    """A person who has nothing but a keyboard, and sees where they are.

    Args:
        page: The page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lost: list[str] = []
        """Where the focus was hidden, or the page had to be scrolled sideways."""

    def go_to(self, name: str, most: int = 150) -> None:
        """Press Tab until the focus is on what is called so."""
        passed = []
        for _ in range(most):
            self.page.press("Tab")
            here = self.page.tab.evaluate(_FOCUSED)
            if here and not self.page.tab.evaluate(_IS_SEEN):
                self.lost.append(f"{self.page.tab.url}: {here[:60]} is hidden")
            if here.startswith(name):
                return
            passed.append(here[:40])
        raise AssertionError(f"Tab does not lead to {name!r}, but to {passed}.")

    def press(self, name: str, key: str = "Enter") -> None:
        """Go to what is called so, and press a key on it."""
        self.go_to(name)
        self.page.press(key)

    def at(self, heading: str) -> None:
        """Wait until a page is shown, with the focus on its heading, and as wide as the screen."""
        self.page.at(heading)
        if self.page.tab.evaluate(_TOO_WIDE):
            self.lost.append(f"{self.page.tab.url}: {heading} is wider than the screen")
