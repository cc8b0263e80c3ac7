"""Set Status Callback and Set Message Receiver: what the setters take, and what not."""

from __future__ import annotations

import ipaddress
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fixtures.api import shown
from suites.bp_sms import steps
from suites.bp_sms.notices import RECEIVER, STATUS, open_listener, tried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.api import Api
    from fixtures.judge import Judge
    from suites.bp_sms.steps import Session

TAKEN = range(200, 300)
SETTERS = pytest.mark.parametrize("setter", [STATUS, RECEIVER])
EMPTY = {"missing": ..., "null": None, "empty": ""}
NO_ADDRESS = ("callback", "file:///etc/hostname", "ftp://example.com/callback")
INSIDE = ("http://127.0.0.1:9/callback", "http://169.254.169.254/callback")


@contextmanager
def address(api: Api) -> Iterator[str]:
    """Give an address of the suite's listener; without callback_bind, that of the target file as it stands."""
    if not api.table["callback_bind"]:
        yield api.table["callback_url"]
        return
    with open_listener(api) as listener:
        yield listener.address(None).url


@pytest.mark.requirement("bp_sms.callback.setters-accept")
@SETTERS
def test_a_setter_takes_an_address_and_another_one(api: Api, a: Session, setter: str, judge: Judge) -> None:
    """A setter answers 2xx to url and number, and again to another url."""
    with address(api) as url:
        set_ = a.call(setter, json={"url": url, "number": api.table["send_from"]})
        again = a.call(setter, json=steps.own_setting(api.table, setter))
    judge.that(set_.status in TAKEN, f"2xx from {setter}", shown(set_), set_)
    judge.that(again.status in TAKEN, f"2xx from {setter} for another address", shown(again), again)
    judge.note(**{setter: f"{set_.status}, {'a' if set_.body else 'no'} body"})


@pytest.mark.requirement("bp_sms.callback.fields-mandatory")
@pytest.mark.parametrize("how", EMPTY)
@pytest.mark.parametrize("field", ["url", "number"])
@SETTERS
def test_a_setter_refuses_a_request_without_a_field(
    api: Api, a: Session, setter: str, field: str, how: str, judge: Judge
) -> None:
    """Without url or number, or with a null or empty one, a setter answers 4xx."""
    setting = {**steps.own_setting(api.table, setter), field: EMPTY[how]}
    answer = tried(a, setter, {name: value for name, value in setting.items() if value is not ...})
    removal = field == "url" and how == "empty" and answer.status in TAKEN
    judge.that(removal or steps.refuses(answer), f"4xx from {setter} with {how} {field}", shown(answer), answer)
    judge.note(**{f"{setter} with {how} {field}": answer.status})


@pytest.mark.requirement("bp_sms.callback.foreign-number-refused")
@pytest.mark.parametrize("whose", ["foreign", "nobody"])
@SETTERS
def test_a_setter_refuses_a_number_that_is_not_the_tenants(
    api: Api, a: Session, setter: str, whose: str, judge: Judge
) -> None:
    """A number of another tenant, and a text that is no number, are refused."""
    number = api.table["foreign_number"] if whose == "foreign" else "no number"
    with address(api) as url:
        answer = a.call(setter, json={"url": url, "number": number})
    expected = f"4xx from {setter} for {'a foreign number' if whose == 'foreign' else 'a text'}"
    judge.that(answer.status < 500, expected, shown(answer), answer)
    judge.warn(steps.refuses(answer), expected, shown(answer), answer)


@pytest.mark.requirement("bp_sms.callback.address-checked")
@pytest.mark.parametrize("url", [*NO_ADDRESS, "its own service"])
@SETTERS
def test_a_setter_refuses_what_no_callback_can_be(api: Api, a: Session, setter: str, url: str, judge: Judge) -> None:
    """A bare word, an address that is not of the web, and the server's own port on loopback are refused."""
    if url == "its own service":
        # Nobody's receiver is where the server itself listens, not even in a private network.
        parts = urlsplit(api.table.base_url)
        url = f"http://127.0.0.1:{parts.port or {'https': 443}.get(parts.scheme, 80)}/callback"
    answer = tried(a, setter, {"url": url, "number": api.table["send_from"]})
    judge.that(steps.refuses(answer), f"4xx from {setter} for {url}", shown(answer), answer)


@pytest.mark.requirement("bp_sms.callback.address-checked")
@pytest.mark.parametrize("url", INSIDE)
@SETTERS
def test_a_setter_refuses_an_address_in_the_servers_network(
    api: Api, a: Session, setter: str, url: str, judge: Judge
) -> None:
    """A loopback and a link-local address are refused, but by a server that itself runs in a private network."""
    answer = tried(a, setter, {"url": url, "number": api.table["send_from"]})
    private = is_private(api.table.base_url) and answer.status in TAKEN
    judge.that(private or steps.refuses(answer), f"4xx from {setter} for {url}", shown(answer), answer)
    judge.note(**{f"{setter}, {urlsplit(url).hostname}": "taken" if private else "refused"})


def is_private(url: str) -> bool:
    """Say whether a URL leads into a private network, without asking a name server."""
    host: Any = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".internal", ".lan"))
