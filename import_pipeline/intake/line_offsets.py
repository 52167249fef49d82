"""`LineOffsets`: where the lines of a large file begin, found out in one pass without a loop over them."""

from mmap import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

_BLOCK_BYTES = 1 << 18


class LineOffsets:
    """How many line ends a file has as far as each of its blocks; where its lines begin is looked up when asked for.

    Args:
        content: The file.
    """

    def __init__(self, content: mmap) -> None:
        self._content = content
        self._ends: list[int] = []
        self.has_bare_returns = False
        """Whether a carriage return stands anywhere without a line feed."""
        self._look_through()

    @property
    def line_ends(self) -> int:
        """How many line ends the file has."""
        return self._ends[-1]

    def begins(self, lines: "numpy.ndarray") -> "numpy.ndarray":
        """At which byte each of some lines (from 0, ascending) begins; those behind the last one at the end."""
        import numpy

        ends = numpy.array(self._ends)
        blocks = numpy.searchsorted(ends, lines)
        found = numpy.full(len(lines), len(self._content))
        found[lines == 0] = 0
        first = int(numpy.searchsorted(lines, 1))
        behind = int(numpy.searchsorted(lines, self.line_ends, side="right"))
        while first < behind:
            block = int(blocks[first])
            following = int(numpy.searchsorted(blocks, block, side="right"))
            feeds = numpy.flatnonzero(_line_feeds(self._bytes_of(block)))
            before = self._ends[block - 1] if block else 0
            found[first:following] = block * _BLOCK_BYTES + feeds[lines[first:following] - 1 - before] + 1
            first = following
        return found

    def _look_through(self) -> None:
        import numpy

        count = returns = pairs = 0
        last = b""
        for place in range(-(-len(self._content) // _BLOCK_BYTES)):
            block = self._bytes_of(place)
            count += int(numpy.count_nonzero(_line_feeds(block)))
            self._ends.append(count)
            pairs += last == b"\r" and block.startswith(b"\n")
            if b"\r" in block:
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n")
            last = block[-1:]
        self.has_bare_returns = returns != pairs

    def _bytes_of(self, block: int) -> bytes:
        return self._content[block * _BLOCK_BYTES : (block + 1) * _BLOCK_BYTES]


def _line_feeds(block: bytes) -> "numpy.ndarray":
    """For each byte, whether it is a line feed."""
    import numpy

    return numpy.frombuffer(block, numpy.uint8) == ord("\n")
