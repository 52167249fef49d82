"""Which addresses lie in the open internet: those that a webhook of a stranger may make us call.

An address that only stands for another one is none of them: behind 64:ff9b::/96 or 2002::/16 may lie any IPv4 address,
those of this machine and of private networks too. So of IPv6 only global unicast addresses that embed nothing are.
"""

import ipaddress
from urllib.parse import urlsplit

from import_pipeline.errors import MisuseError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out (RFC 4291, IANA). Outside lie ::/96, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10 and
fec0::/10."""
_NOT_PUBLIC = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which embeds IPv4 (RFC 4380)
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds IPv4 (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
"""The first half of an interface identifier whose second half is an IPv4 address (RFC 5214)."""


def is_public(address: Address) -> bool:
    """Whether an address lies in the open internet and stands for itself.

    >>> is_public(ipaddress.ip_address("93.184.216.34")), is_public(ipaddress.ip_address("169.254.169.254"))
    (True, False)
    >>> is_public(ipaddress.ip_address("2606:4700::1111")), is_public(ipaddress.ip_address("64:ff9b::5db8:d822"))
    (True, False)
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address not in _GLOBAL_UNICAST or any(address in network for network in _NOT_PUBLIC):
        return False
    return (int(address) >> 32) & 0xFFFF_FFFF not in _ISATAP


def check_url(url: str, private: bool) -> str:
    """Return the URL of a webhook unchanged if it may be one.

    Args:
        url: The URL.
        private: Whether private addresses, and http, are allowed.

    Raises:
        MisuseError: It is no URL of that kind, holds a password, or names a private address.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise MisuseError(f"{url!r} is no URL.", url=url) from None
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise MisuseError(f"{url!r} cannot be a webhook: give an https URL with a host.", url=url)
    if parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise MisuseError("The URL of a webhook holds no user, password, fragment, or letters beyond ASCII.")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return url
    if not (private or is_public(address)):
        raise MisuseError(f"{url!r} cannot be a webhook: its address is not public.", url=url)
    return url
