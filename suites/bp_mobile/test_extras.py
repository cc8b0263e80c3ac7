"""Methods that only a later publication has: ICE servers and the configuration of the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.api import object_in, shown
from suites.bp_mobile import steps
from suites.bp_mobile.voices import speaking

if TYPE_CHECKING:
    from fixtures.judge import Judge
    from suites.bp_mobile.clients import Client

ABSENT = frozenset({404, 405, 501})
WIDGET = ("name", "urls", "definition", "styles")


@pytest.mark.requirement("bp_mobile.extras.ice-servers")
def test_ice_servers_are_listed_to_clients_only(client: Client, judge: Judge) -> None:
    """If there are ICE servers they are objects with a url, and nobody gets them without credentials."""
    answer = steps.served(client.call("getIceServers"))
    judge.note(status=answer.status)
    if answer.status in ABSENT:
        judge.inconclusive(f"the server has no such method ({answer.status}), so that the row does not apply")
    judge.that(answer.status == 200, "200 to a client", shown(answer), answer)
    found = object_in(answer)
    judge.note(is_object=bool(found))
    if found:
        servers = found.get("servers")
        judge.that(isinstance(servers, list), "servers, an array", shown(answer), answer)
        for server in servers or ():
            good = isinstance(server, dict) and isinstance(server.get("url"), str)
            judge.that(good, "objects with url, a string", repr(server)[:120], answer)
    refused = speaking(client.api, None).call("getIceServers")
    judge.that(refused.status >= 400, "a refusal without credentials", f"status {refused.status}", refused)


@pytest.mark.requirement("bp_mobile.extras.widget-configuration")
def test_the_widget_configuration_is_recorded(client: Client, judge: Judge) -> None:
    """Whether the method exists, and what the widgets in it have."""
    answer = client.call("getWidgetConfiguration")
    widgets = object_in(answer).get("widgets")
    whole = isinstance(widgets, list) and all(isinstance(each, dict) and set(WIDGET) <= set(each) for each in widgets)
    judge.note(status=answer.status, widgets=type(widgets).__name__, whole=whole)
