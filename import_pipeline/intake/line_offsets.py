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
        expected: Lines (from 0, ascending) that are likely to be asked for; they are found on the way.
    """

    def __init__(self, content: mmap, expected: "numpy.ndarray | None" = None) -> None:
        import numpy

        self._content = content
        self._ends: list[int] = []
        self._expected = numpy.empty(0, numpy.int64) if expected is None else expected
        self._begins = numpy.full(len(self._expected), len(content))
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

        places = numpy.searchsorted(self._expected, lines)
        is_known = numpy.append(self._expected, -1)[places] == lines
        found = numpy.append(self._begins, 0)[places]
        if not is_known.all():
            found[~is_known] = self._looked_up(lines[~is_known])
        return found

    def _looked_up(self, lines: "numpy.ndarray") -> "numpy.ndarray":
        import numpy

        blocks = numpy.searchsorted(numpy.array(self._ends), lines)
        found = numpy.full(len(lines), len(self._content))
        found[lines == 0] = 0
        first = int(numpy.searchsorted(lines, 1))
        behind = int(numpy.searchsorted(lines, self.line_ends, side="right"))
        while first < behind:
            block = int(blocks[first])
            following = int(numpy.searchsorted(blocks, block, side="right"))
            found[first:following] = self._in_block(block, _line_feeds(self._bytes_of(block)), lines[first:following])
            first = following
        return found

    def _in_block(self, block: int, is_feed: "numpy.ndarray", lines: "numpy.ndarray") -> "numpy.ndarray":
        """Where lines begin behind the line feeds of one block."""
        import numpy

        before = self._ends[block - 1] if block else 0
        return block * _BLOCK_BYTES + numpy.flatnonzero(is_feed)[lines - 1 - before] + 1

    def _look_through(self) -> None:
        import numpy

        expected = self._expected
        self._begins[expected == 0] = 0
        first = int(numpy.searchsorted(expected, 1))
        count = returns = pairs = 0
        last = b""
        for place in range(-(-len(self._content) // _BLOCK_BYTES)):
            block = self._bytes_of(place)
            is_feed = _line_feeds(block)
            count += int(numpy.count_nonzero(is_feed))
            self._ends.append(count)
            behind = int(numpy.searchsorted(expected, count, side="right"))
            if first < behind:
                self._begins[first:behind] = self._in_block(place, is_feed, expected[first:behind])
                first = behind
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
