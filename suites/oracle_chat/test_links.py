"""The links of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import pytest

from fixtures.api import object_in
from fixtures.outcomes import Blocked
from specs import openapi
from suites.oracle_chat import steps
from suites.oracle_chat.addresses import is_item_of, uri

if TYPE_CHECKING:
    from random import Random

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

LINKS_ARRAY = "oracle_chat.server-values.links-array"
MEMBERS = ("rel", "href", "name", "kind")
ODD = "conf {} /%41?b=ü#c@example.com"
"""A user name that holds what has a meaning in a URI, and a blank, and a letter beyond ASCII."""


@pytest.mark.requirement("oracle_chat.server-values.links-items")
def test_links_are_objects_and_one_leads_to_the_resource(api: Api, tour: Tour, judge: Judge) -> None:
    """Each link has rel, href, name and kind; href of the self link is a URI of this resource."""
    steps.taken(tour.basic)
    href = _self_link(tour.basic, api, judge)
    judge.note(names_its_host=bool(href.netloc), host_is_that_of_base_url=_at_home(href, api))


@pytest.mark.requirement("oracle_chat.server-values.links-items")
def test_an_odd_user_name_is_encoded_in_links(a: Client, api: Api, rng: Random, judge: Judge) -> None:
    """A user name that cannot stand in a path as it is leaves the self link a URI of this resource."""
    answer = a.ask(authUserName=ODD.format(steps.mark(rng)))
    steps.taken(steps.unless_refused(answer, "a user name with characters that need percent-encoding"))
    _self_link(answer, api, judge)


def _self_link(answer: Answer, api: Api, judge: Judge) -> SplitResult:
    """Judge the links of an answer, and return where the self link leads."""
    links = object_in(answer).get("links")
    if not isinstance(links, list):
        raise Blocked(LINKS_ARRAY, "links is no array")
    if not links:
        judge.inconclusive("links is empty")
    for link in links:
        texts = isinstance(link, dict) and all(isinstance(link.get(name), str) for name in MEMBERS)
        judge.that(texts, f"links with the texts {', '.join(MEMBERS)}", _shown(link), answer)
    own = [link["href"] for link in links if link["rel"] == "self"]
    judge.that(own, "a link with rel self", f"rel {', '.join(sorted({link['rel'] for link in links}))}", answer)
    collection = api.table.base_path + openapi.document(api.name).operations[steps.CREATE].path
    found = [uri(href) for href in own]
    leads_home = [each for each in found if each and _is_of(each, collection)]
    judge.that(leads_home, f"a self link to a URI of {collection}", f"href {own[0]!r}", answer)
    return leads_home[0]


def _is_of(href: SplitResult, collection: str) -> bool:
    return is_item_of(href.path, collection) and not href.query and not href.fragment


def _shown(link: Any) -> str:
    return f"one with {', '.join(sorted(link)) or 'nothing'}" if isinstance(link, dict) else f"a {type(link).__name__}"


def _at_home(href: SplitResult, api: Api) -> bool:
    return not href.netloc or href.netloc == urlsplit(api.table.base_url).netloc
