"""Whom a server on this machine answers: names under which a page of another site cannot reach it."""
import ipaddress
import socket
from typing import Collection

# Names under which this machine reaches itself.
OWN_NAMES = ('127.0.0.1', 'localhost', '[::1]')


def is_trusted_host(header: str, names: Collection[str] = OWN_NAMES, addresses: bool = False) -> bool:
    """Whether a request comes under a name that is this server's own.

    Another site can have its own name resolved to this machine (DNS rebinding) and read what is served; its name then
    stands in the ``Host`` header.

    Args:
        header (str): The ``Host`` header, with or without a port.
        names (Collection[str]): Permitted names in lower case. Defaults to those of the machine for itself.
        addresses (bool): Whether any IP address will do, which no site has for a name. Defaults to False.

    Returns:
        bool: Whether to answer.

    Example:
        >>> is_trusted_host('localhost:7860'), is_trusted_host('evil.example:7860')
        (True, False)
    """
    name = header.strip().lower()
    if not name.endswith(']'):
        head, _, port = name.rpartition(':')
        name = head if head and port.isdigit() else name
    if name in names:
        return True
    try:
        ipaddress.ip_address(name.strip('[]'))
    except ValueError:
        return False
    return addresses


def machine_names() -> Collection[str]:
    """The names of this machine, for a server that other machines may reach."""
    return {*OWN_NAMES, socket.gethostname().lower(), socket.getfqdn().lower()}
