"""Methods and paths that the Mobile/Web API does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference.mobile_client import Mobile
from tests.reference.test_mobile_identity import QUICK

if TYPE_CHECKING:
    from fixtures.reference.server import Running


@pytest.fixture
def mobile(target: Running) -> Mobile:
    target.swap(settings=QUICK)
    return Mobile(target.base_url)


@pytest.mark.parametrize(
    ("name", "status"), [("method-not-allowed", 405), ("not-found", 404), ("not-implemented", 501), ("refused", 403)]
)
def test_other_methods_are_answered_by_the_reading_and_change_nothing(target: Running, name: str, status: int) -> None:
    target.swap(readings={"bp_mobile.common.method-not-allowed": name}, settings=QUICK)
    mobile = Mobile(target.base_url).opened()
    for method in ("PUT", "PATCH", "DELETE"):
        for path in ("/chats", "/chats/active", f"/chats/{mobile.chat}/history"):
            answer = mobile.call(method, path)
            assert (answer.status_code, "Allow" in answer.headers) == (status, status == 405)
        assert mobile.call(method, f"/chats/{mobile.chat}").status_code == 404
    assert mobile.call("GET", "/chats").status_code == status
    assert mobile.is_live()


def test_unknown_paths_have_the_error_object_too(mobile: Mobile) -> None:
    for path in ("//iceservers", "/nothing", ""):
        answer = mobile.call("GET", path)
        assert answer.status_code == 404
        assert answer.json()["error_code"].isdigit()
