"""The page: complete, linked, safe against what servers send, and readable under a policy that allows no script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from reports.html import render_html, stylesheet
from reports.verdicts import Verdict
from tests.reports import sample
from tests.reports.sample import exchange, row, said

if TYPE_CHECKING:
    from tests.reports.conftest import Recorded

_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """What stands on a page, as a browser without scripts takes it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in _VOID:
            self._open.append(tag)
        if name := attributes.get("id"):
            self.ids.append(name)
        if href := attributes.get("href"):
            self.links.append(href)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(results: dict[str, Any], *exchanges: dict[str, Any]) -> Page:
    return Page(render_html(results, {each["id"]: each for each in exchanges or sample.EXCHANGES}))


def failing(recorded: Recorded, **more: Any) -> dict[str, Any]:
    failed = said("auth.token-equals-cookie", Verdict.FAIL, **{"expected": "the token", "observed": "another", **more})
    return recorded(row("token", failed, exchanges=("main-2",)), waivers=[])


def test_every_requirement_has_one_anchor_and_every_link_leads_somewhere(recorded: Recorded) -> None:
    found = page(recorded())
    assert len(found.ids) == len(set(found.ids))
    assert set(sample.IDS) <= set(found.ids)
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)


def test_the_page_needs_no_script_no_inline_style_and_nothing_from_elsewhere(recorded: Recorded) -> None:
    found = page(recorded())
    assert not {tag for tag, _ in found.tags} & {"script", "style", "iframe", "object", "img", "form", "base"}
    assert not {name for _, attributes in found.tags for name in attributes if name == "style" or name.startswith("on")}
    assert {link for link in found.links if not link.startswith("#")} == {"report.css"}
    assert "url(" not in stylesheet()
    assert "@import" not in stylesheet()


def test_the_verdict_is_said_with_its_denominator(recorded: Recorded) -> None:
    results = failing(recorded)
    assert "acme staging does not conform to demo: 1 of 1 judged requirement failed." in page(results).text


@pytest.mark.parametrize(
    ("second", "told"),
    [("https://one.example.com", ["Address"]), ("https://two.example.com", ["Address of a, c", "Address of b"])],
)
def test_an_address_of_several_apis_stands_once(recorded: Recorded, second: str, told: list[str]) -> None:
    results = recorded()
    first = "https://one.example.com"
    results["run"]["target"]["base_urls"] = {"a": first, "b": second, "c": first}
    assert re.findall(r"Address(?: of [a-z, ]+)?(?=</dt>)", render_html(results, {})) == told


def test_a_partial_run_is_stamped_with_its_reasons(recorded: Recorded) -> None:
    text = page(recorded()).text
    assert "Partial" in text
    assert "--requirement demo.* leaves out 1 of 13 requirements" in text


def test_a_failure_shows_all_that_is_needed_to_dispute_it(recorded: Recorded) -> None:
    text = page(failing(recorded)).text
    for part in (
        "The token in the body is the value of the session cookie.",
        "api-description",
        "Authenticate > Response",
        "the token",
        "another",
        "suites/demo/test_token.py::test_token",
        "Set-Cookie: X-SESSION=«token 2»; Path=/",
        "curl --include",
        '"$PASSWORD"',
        "[[waivers]]",
        "expires = 2026-04-05",
        "--requirement demo.auth.token-equals-cookie --seed 20260101",
    ):
        assert part in text


def test_what_was_left_out_says_why(recorded: Recorded) -> None:
    text = page(recorded()).text
    for why in ("needs apis.demo.tenant_limit in the target file", "no server is known that shows it"):
        assert why in text


def test_readings_show_the_one_seen_and_the_others(recorded: Recorded) -> None:
    text = page(recorded()).text
    assert "401 or 403, as for wrong credentials." in text
    assert "400, 415 or 422." in text


def test_headings_skip_no_level_and_tables_have_captions(recorded: Recorded) -> None:
    found = page(recorded())
    assert found.headings[0] == 1
    assert found.headings.count(1) == 1
    steps = [after - before for before, after in zip(found.headings, found.headings[1:], strict=False)]
    assert max(steps) == 1
    tags = [tag for tag, _ in found.tags]
    assert tags.count("table") == tags.count("caption")


HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(2)> \x00\x1b[31m\u202e\ud800 {{ 7*7 }}"


def test_hostile_text_stays_text_wherever_it_comes_from(recorded: Recorded) -> None:
    hostile = exchange("main-2", "n")
    hostile["request"] |= {"url": f"https://example.com/{HOSTILE}", "body": HOSTILE, "headers": [[HOSTILE, HOSTILE]]}
    hostile["response"] |= {"reason": HOSTILE, "headers": [[HOSTILE, HOSTILE]], "body": HOSTILE}
    hostile["error"] = HOSTILE
    results = failing(
        recorded, expected=HOSTILE, observed=HOSTILE, message=HOSTILE, facts={HOSTILE: HOSTILE}, reading=HOSTILE
    )
    results["run"]["target"]["name"] = HOSTILE
    results["run"]["suite_error"] = HOSTILE
    found = page(results, hostile)
    assert not {"script", "img"} & {tag for tag, _ in found.tags}
    assert "<script>alert(1)</script>" in found.text
    assert "\\x00\\x1b[31m\\u202e\\ud800 {{ 7*7 }}" in found.text
    render_html(results, {"main-2": hostile}).encode("utf-8")


def test_a_body_of_a_megabyte_is_cut_and_its_size_is_said(recorded: Recorded) -> None:
    big = exchange("main-2", "n")
    big["response"] |= {"body": "x" * 1_000_000, "size": 5_000_000, "cut": True}
    results = failing(recorded)
    text = render_html(results, {"main-2": big})
    assert len(text) < 100_000
    assert "5000000 bytes, the first 4000 characters shown, cut when it was recorded" in text


@pytest.mark.parametrize(
    "response", [None, {"status": 204, "reason": "", "headers": [], "body": None, "size": 0, "cut": False}]
)
def test_an_exchange_without_a_body_or_without_an_answer_is_shown(recorded: Recorded, response: Any) -> None:
    text = page(failing(recorded), exchange("main-2", "n", response=response, error=None if response else "reset")).text
    assert ("no body" if response else "reset") in text


def test_an_interrupted_run_without_any_test_still_has_a_page(recorded: Recorded) -> None:
    results = recorded(row("none"), apis={}, requirements=[], waivers=[], preflight=[], partial=[])
    assert "Nothing was tested" in page(results).text
