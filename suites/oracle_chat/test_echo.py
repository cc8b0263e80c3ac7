"""The attributes of a request come back in its answer: texts, null, and those that the example does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from fixtures import generation
from fixtures.api import object_in, shown
from suites.oracle_chat import echoes, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemathesis import Case

    from fixtures.api import Api
    from fixtures.exchange import Answer
    from fixtures.judge import Judge
    from fixtures.plugin.supplies import Given
    from suites.oracle_chat.client import Client
    from suites.oracle_chat.tour import Tour

STRINGS = "oracle_chat.echo.strings-come-back"
FURTHER = "oracle_chat.echo.other-optional-attributes"
TYPES = "oracle_chat.echo.values-are-strings-or-null"
AWKWARD = {
    "firstName": 'Zo "Q" O\'Neil  <b>McB</b>',
    "lastName": "Ab & Cd; \\Ef/ %41+%2B",
    "incidentName": 'An "A&B"  order, {x: [1]} = 50% of #7 ~ $2 `^|_',
    "question": "Why  <is> \"it\" & 'that' &amp; \\n %20 so? Http://Example.com/?A=B&c=D",
    "emailAddress": "First.Last+Tag@Example.com",
    "resumeType": "DO_NOT_RESUME",
}
"""What is easily escaped, unescaped, cut, folded or put into order; no two values are alike."""
OWN_TEXTS = ("incidentType", "queueId", "interfaceId")
NAMED = ("Sales", "Service")
"""Values of applicationClassification that the document names."""
OPTIONAL = ("allowAgentAttachments", "applicationClassification", "assigneeId", "businessUnitOrgId")
TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60).filter(
    lambda text: text == text.strip()
)
ADDRESS = st.from_regex(r"[A-Za-z0-9]{1,12}([.+_-][A-Za-z0-9]{1,8})?@Example\.com", fullmatch=True)


def texts_of(api: Api, *names: str) -> dict[str, str]:
    """Return the target's own values of these attributes, as texts."""
    own = api.table["attributes"]
    return {name: str(own[name]) for name in names if name in own}


@pytest.mark.requirement(STRINGS)
def test_awkward_texts_come_back_as_they_were_sent(api: Api, a: Client, judge: Judge) -> None:
    """All string attributes of the example at once, with quotes, markup, percent signs and blanks, come back."""
    sent = {**AWKWARD, **texts_of(api, *OWN_TEXTS, *steps.PRODUCT)}
    answer = a.ask(**sent)
    if not steps.refuses_as_client_error(answer):
        judge_all_echoed(judge, api, answer, sent)
        return
    # Something in front of the target may look for such texts: those that it lets through are judged.
    answers = {name: a.ask(**{name: text}) for name, text in AWKWARD.items()}
    taken = {name: each for name, each in answers.items() if not steps.refuses_as_client_error(each)}
    for name, each in taken.items():
        judge_all_echoed(judge, api, each, {name: AWKWARD[name]})
    if not taken:
        judge.inconclusive(f"awkward texts are refused: {shown(answer)}")
    judge.note(refused=sorted(answers.keys() - taken.keys()))


@pytest.mark.requirement(STRINGS)
def test_any_texts_come_back_as_they_were_sent(api: Api, a: Client, judge: Judge, given: Given) -> None:
    """Any choice of the example's string attributes, with generated texts, comes back or is refused."""
    own = texts_of(api, *OWN_TEXTS)
    triple = texts_of(api, *steps.PRODUCT)
    optional = {
        **dict.fromkeys(steps.FREE_TEXT, TEXT),
        "emailAddress": ADDRESS,
        "resumeType": st.sampled_from(["RESUME", "DO_NOT_RESUME"]),
        **{name: st.just(value) for name, value in own.items()},
    }
    refused: list[Answer] = []
    taken: list[Answer] = []

    @given(st.fixed_dictionaries({}, optional=optional), st.booleans())
    def come_back(chosen: dict[str, str], with_product: bool) -> None:
        sent = {**chosen, **(triple if with_product else {})}
        answer = a.ask(**sent)
        if steps.refuses_as_client_error(answer):
            refused.append(answer)
        else:
            taken.append(answer)
            judge_all_echoed(judge, api, answer, sent)

    come_back()
    if refused and not taken:
        judge.inconclusive(f"all {len(refused)} generated requests were refused, at last: {shown(refused[-1])}")
    judge.note(refused=len(refused))


def judge_all_echoed(judge: Judge, api: Api, answer: Answer, sent: dict[str, str]) -> None:
    """Judge that the texts, and those of a basic call, came back."""
    echoes.judge_echo(judge, answer, steps.taken(answer), steps.basic_members(api.table, **sent))


@pytest.mark.requirement(FURTHER)
def test_attributes_beyond_the_example_come_back(api: Api, a: Client, judge: Judge) -> None:
    """Optional attributes that the example does not use come back as texts, each alone and all together."""
    own = {name: api.table["attributes"][name] for name in OPTIONAL if name in api.table["attributes"]}
    choices = [{name: value} for name, value in own.items()]
    for sent in [*choices, own] if len(own) > 1 else choices:
        answer = a.ask(**sent)
        judge_further(judge, answer, echoes.promised(a, judge, answer, f"{', '.join(sent)} of the target file"), sent)
    if not own:
        judge_named_values(a, judge)


def judge_named_values(a: Client, judge: Judge) -> None:
    """Judge the one attribute of which the document names values; a target that refuses them has others."""
    answers = list(_named_values(a))
    for sent, answer in answers:
        judge_further(judge, answer, steps.taken(answer), sent)
    if not answers:
        judge.not_applicable("the values that the document names are refused; `attributes` says which the target takes")


def _named_values(a: Client) -> Iterator[tuple[dict[str, str], Answer]]:
    """Yield what was sent with the answer, for values that are not refused."""
    for value in NAMED:
        sent = {"applicationClassification": value}
        answer = a.ask(**sent)
        if not steps.refuses_as_client_error(answer):
            yield sent, answer


def judge_further(judge: Judge, answer: Answer, members: dict[str, Any], sent: Mapping[str, Any]) -> None:
    """Judge that attributes beyond the example came back; one that may be a boolean as that or as its text."""
    for name, value in sent.items():
        found = members.get(name, echoes.ABSENT)
        same = found == str(value) or (isinstance(found, bool) and str(found).lower() == str(value).lower())
        judge.that(same, f"{name} {str(value)!r} with {', '.join(sent)}", repr(found), answer)


@pytest.mark.requirement("oracle_chat.echo.null-stays-null")
def test_null_comes_back_as_null(a: Client, judge: Judge) -> None:
    """incidentId and productId sent as null are in the answer, as null; what incidentType does is recorded."""
    answer = steps.unless_refused(a.ask(incidentId=None, productId=None), "incidentId and productId null")
    members = steps.taken(answer)
    for name in ("incidentId", "productId"):
        found = members.get(name, echoes.ABSENT)
        judge.that(found is None, f"{name} null, as it was sent", repr(found), answer)
    members = object_in(a.ask(incidentType=None))
    judge.note(incidentType=members.get("incidentType", echoes.ABSENT))


@pytest.mark.requirement(TYPES)
def test_attributes_of_all_answers_are_texts_or_null(tour: Tour, judge: Judge) -> None:
    """In every success of the run, the example's attributes are strings or null."""
    for answer in tour.successes:
        judge_types(judge, answer)
    named = {*steps.ECHOED_EXAMPLE, "jwt", "chatSiteName", "domain", "poolId", "links"}
    judge.note(others=sorted({*object_in(tour.basic), *object_in(tour.attributes)} - named))


@pytest.mark.requirement(TYPES)
def test_attributes_of_answers_to_any_request_are_texts_or_null(a: Client, judge: Judge, given: Given) -> None:
    """A generated request of the documented form, for the usual user, is refused or answered with texts and null."""
    numbers = echoes.numeric(a.api, "contactId", "organizationId")
    judge_types(judge, steps.unless_refused(a.ask(incidentId=None, **numbers), "a call with numeric ids"))

    @given(generation.cases("oracle_chat", steps.CREATE, "positive"))
    def are_texts(case: Case[Any]) -> None:
        members: Any = case.body
        judge_types(judge, a.send({**members, **steps.basic_members(a.api.table)}))

    are_texts()


def judge_types(judge: Judge, answer: Answer) -> None:
    """Judge the types of the example's attributes in a success; a refusal shows none."""
    members = object_in(answer) if steps.succeeds(answer) else {}
    wrong = {name: members[name] for name in steps.ECHOED_EXAMPLE if not isinstance(members.get(name), str | None)}
    judge.that(not wrong, "strings and null in the attributes of the example", wrong, answer)
