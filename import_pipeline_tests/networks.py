"""A network of hosts on one machine: each has a network namespace of its own, joined to the others by a bridge.

What needs the rights of root and the program `ip`; `may_join` tells whether the machine has both.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Network:
    """A bridge, and the hosts that are joined to it.

    Attributes:
        prefix: How the addresses begin.
    """

    bridge: str
    prefix: str
    hosts: dict[str, str] = field(default_factory=dict)
    _joined: int = 0

    @property
    def address(self) -> str:
        """The address under which servers of this machine are reached by the hosts."""
        return f"{self.prefix}.1"

    def join(self, name: str) -> None:
        """Give a host a namespace, with an address of this network."""
        self._joined += 1
        number = self._joined + 1
        space, cable = f"{self.bridge}-{name}", f"{self.bridge}v{number}"
        _ip("netns", "add", space)
        self.hosts[name] = cable
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", cable, "master", self.bridge, "up")
        _ip("-n", space, "addr", "add", f"{self.prefix}.{number}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", space, "link", "set", device, "up")

    def cut(self, name: str) -> None:
        """Let nothing go from or to a host any more; its processes go on."""
        _ip("link", "set", self.hosts[name], "down")

    def mend(self, name: str) -> None:
        """Join it again."""
        _ip("link", "set", self.hosts[name], "up")

    def leave(self, name: str) -> None:
        """Take a host away, whose processes have ended."""
        _ip("netns", "del", f"{self.bridge}-{name}")
        del self.hosts[name]

    def within(self, name: str) -> Sequence[str]:
        """How a command begins that runs on a host."""
        return ("ip", "netns", "exec", f"{self.bridge}-{name}")


def may_join() -> bool:
    """Whether this machine lets us make networks."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    probe = f"t{secrets.token_hex(3)}"
    made = subprocess.run(["ip", "link", "add", probe, "type", "bridge"], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", probe], capture_output=True, check=False)
    return made.returncode == 0


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """A network while the block lasts."""
    first, second = secrets.randbelow(200) + 20, secrets.randbelow(250)
    made = Network(f"ip{secrets.token_hex(2)}", f"10.{first}.{second}")
    _ip("link", "add", made.bridge, "type", "bridge")
    try:
        _ip("addr", "add", f"{made.address}/24", "dev", made.bridge)
        _ip("link", "set", made.bridge, "up")
        yield made
    finally:
        for name in list(made.hosts):
            made.leave(name)
        subprocess.run(["ip", "link", "del", made.bridge], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
