"""Names under which a server answers."""
import pytest

from mmstep.apis.live.trusted_host import is_trusted_host, machine_names


@pytest.mark.parametrize('header', ['localhost', 'LOCALHOST:80', '127.0.0.1:7860', '[::1]:7860', '[::1]'])
def test_own_names(header):
    assert is_trusted_host(header)


@pytest.mark.parametrize('header', ['', ':80', 'evil.example', 'localhost.evil.example:80', '192.168.0.7', '[::2]:1'])
def test_other_names(header):
    assert not is_trusted_host(header)


def test_addresses_are_no_names_of_other_sites():
    assert is_trusted_host('192.168.0.7:7860', addresses=True) and is_trusted_host('[fe80::1]:1', addresses=True)
    assert not is_trusted_host('evil.example', addresses=True)


def test_names_of_the_machine():
    assert {'localhost', '127.0.0.1'} <= set(machine_names())
