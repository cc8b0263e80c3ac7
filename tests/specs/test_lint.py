"""`python -m specs check` catches each kind of mistake, names its line and offers a way out."""

from pathlib import Path

import pytest

from specs.lint import check
from tests.specs import miniature

REQUIREMENTS = [
    ("level: must", "level: shall", 10, "'shall' is not possible"),
    ("kind: shape", "kind: shape\n    colour: red", 12, "unknown key 'colour'"),
    ("text: The token is a text.\n    ", "", 9, "missing key 'text'"),
    ("id: bp_stats.auth.empty-body", "id: bp_stats.auth.token-is-text", 22, "stands twice"),
    ("id: bp_stats.auth.empty-body", "id: bp_sms.auth.empty-body", 22, "does not begin with 'bp_stats'"),
    ("id: bp_stats.auth.empty-body", "id: bp_stats.EmptyBody", 22, "breaks the rule pattern"),
    ("[authenticate]", "[authentikate]", 12, "unknown operation 'authentikate' (nearest: authenticate)"),
    ("impact: session", "impact: read-only", 13, "read-only is less than that of authenticate"),
    (
        "impact: session",
        "impact: session\n    lowered: {by: [tenant_limt], to: read-only}",
        14,
        "unknown target key 'tenant_limt' (nearest: tenant_limit",
    ),
    (
        "impact: session",
        "impact: session\n    lowered: {by: [tenant_limit], to: session}",
        14,
        "session is no less than its impact",
    ),
    ("needs: [login]", "needs: [logim]", 14, "unknown target key or group 'logim' (nearest: login)"),
    ("needs: [login]", "applies_when: {auth_mod: cookie}", 14, "unknown target key 'auth_mod' (nearest: auth_mode)"),
    ("needs: [login]", "applies_when: {auth_mode: cooky}", 14, "auth_mode is never 'cooky'"),
    ("keys: [tenant_url,", "keys: [tenant,", 6, "unknown target key 'tenant'"),
    ("document: manual", "document: manuel", 16, "unknown document 'manuel' (nearest: manual)"),
    ("section: all of it}", f"section: all, passage: {{sha256: {'0' * 64}, length: 3}}}}", 28, "text not held"),
    ("name: denied", "name: refused", 30, "two readings have one name"),
    ("level: reading", "level: must", 22, "Only a row of level reading has readings"),
    ("catches: [The token is a number.]\n", "\n", 9, "missing key 'catches'"),
]

OPENAPI = [
    ("minLength: 1", "minLenght: 1", 24, "unknown keyword 'minLenght' (nearest: minLength"),
    ("token: {type: string, minLength: 1}", "token: {minLength: 1}", 24, "has no type and accepts everything"),
    (
        "token: {type: string, minLength: 1}",
        "token: {type: string, format: datetime}",
        24,
        "asserts the format 'datetime'",
    ),
    ("token: {type: string, minLength: 1}", 'token: {type: string, pattern: "["}', 24, "is not a 'regex'"),
    ("required: [token]", "required: [tokens]", 22, "required member 'tokens' is not among the properties"),
    ("- {token: t-1}", '- {token: ""}', 26, "an example of Login is refused"),
    ("value: {token: 1}", "value: {token: t-2}", 28, "a counter-example of Login is accepted"),
    ("      examples:\n        - {token: t-1}\n", "", 20, "Login has no examples"),
    ("x-impact: session", "x-impact: sesion", 5, "'sesion' is not a valid Impact"),
    (
        "operationId: authenticate\n",
        "operationId: authenticate\n      x-impct: session\n",
        7,
        "unknown keyword 'x-impct'",
    ),
    ("          x-requirement: bp_stats.auth.empty-body\n", "", 15, "the response names no requirement"),
    ("bp_stats.auth.empty-body", "bp_stats.auth.empty", 17, "unknown requirement 'bp_stats.auth.empty'"),
    ("schemas/Login", "schemas/Logon", 14, "leads nowhere"),
    ("openapi: 3.1.0", "openapi: 3.0.0", 1, "not OpenAPI 3.1"),
    ("type: string, minLength: 1}", "type: text}", 24, "no JSON Schema"),
    ("  /auth:\n", "  /auth:\n    x-target-pth: base_path\n", 5, "unknown keyword 'x-target-pth'"),
    ("  /auth:\n", "  /auth:\n    x-target-path: base_path\n", 5, "/auth is not the default of the target key"),
    ("  /auth:", "  /statsapi:\n    x-target-path: base_path", 4, "/statsapi is below the origin (say so"),
    ("  /auth:\n", "  /auth:\n    x-target-origin: other_url\n", 5, "unknown target key 'other_url'"),
    ("  /auth:\n", "  /auth:\n    x-target-origin: base_url\n", 4, "/auth is on another server (say so"),
    ("minLength: 1}", "if: {type: string}}", 24, "a condition and its consequence stand together"),
    ("minLength: 1}", "else: {type: string}}", 24, "a condition and its consequence stand together"),
    ("minLength: 1}", "if: {type: string}, then: {minLength: 1}}", 24, "has no type and accepts everything"),
    ("components:", "webhooks: {n: {post: {requestBody: {content: {}}}}}\ncomponents:", 18, "names no requirement"),
    ("components:", "webhooks: {n: {get: {}}}\ncomponents:", 18, "has no post with a requestBody"),
    (
        "{type: string, minLength: 1}",
        "{x-requirement: bp_stats.auth.empty-body, oneOf: [{type: string, x-reading: refuse}]}",
        24,
        "bp_stats.auth.empty-body has no reading 'refuse'",
    ),
]

CASES = [
    ("bp_stats.auth.empty-body", "bp_stats.auth.empty", 3, "unknown requirement 'bp_stats.auth.empty'"),
    ("operation: authenticate", "operation: authentic", 6, "unknown operation 'authentic'"),
    ('body: {text: ""}', "body: {example: Logim}", 6, "no component schema 'Logim' (nearest: Login)"),
    ('body: {text: ""}', 'body: {text: "${target:user}"}', 6, "unknown target key 'user'"),
    ("reading: refused", "reading: reused", 9, "has no reading 'reused' (nearest: refused)"),
    ("reading: refused", "body: {type: strnig}", 9, "the body is no JSON Schema"),
    ("reading: refused", "verdict: inconc", 10, "why"),
    ("as: anonymous", "as: nobody", 5, "'nobody' is not possible"),
]


def problems(tmp_path: Path, **changed: str) -> list[str]:
    root = miniature.write(tmp_path, **changed)
    return [str(problem).removeprefix(f"{root}/") for problem in check(root)]


def test_the_miniature_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


def test_this_checkout_has_no_problem() -> None:
    assert list(check(Path(__file__).parents[2])) == []


@pytest.mark.parametrize(("old", "new", "line", "message"), REQUIREMENTS)
def test_a_mistake_in_requirements_is_caught(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = problems(tmp_path, requirements=miniature.edited(miniature.REQUIREMENTS, old, new))
    place = f"specs/bp_stats/requirements.yaml:{line}: "
    assert any(problem.startswith(place) and message in problem for problem in found), found


@pytest.mark.parametrize(("old", "new", "line", "message"), OPENAPI)
def test_a_mistake_in_the_openapi_document_is_caught(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    found = problems(tmp_path, openapi=miniature.edited(miniature.OPENAPI, old, new))
    place = f"specs/bp_stats/openapi.yaml:{line}: "
    assert any(problem.startswith(place) and message in problem for problem in found), found


@pytest.mark.parametrize(("old", "new", "line", "message"), CASES)
def test_a_mistake_in_cases_is_caught(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = problems(tmp_path, cases=miniature.edited(miniature.CASES, old, new))
    place = f"suites/bp_stats/cases.yaml:{line}: "
    assert any(problem.startswith(place) and message in problem for problem in found), found


def test_a_mark_that_names_no_requirement_is_caught(tmp_path: Path) -> None:
    found = problems(tmp_path, test_auth=miniature.edited(miniature.TESTS, "token-is-text", "token-is-test"))
    expected = "suites/bp_stats/test_auth.py:4: unknown requirement 'bp_stats.auth.token-is-test' (nearest: "
    assert any(problem.startswith(expected) for problem in found), found


def test_a_shape_that_nothing_judges_is_caught(tmp_path: Path) -> None:
    openapi = miniature.edited(miniature.OPENAPI, "bp_stats.auth.token-is-text", "bp_stats.auth.empty-body")
    found = problems(tmp_path, openapi=openapi, test_auth="")
    assert any("nothing judges the shape bp_stats.auth.token-is-text" in problem for problem in found), found


def test_a_document_that_stands_twice_is_caught(tmp_path: Path) -> None:
    found = problems(tmp_path, documents=miniature.edited(miniature.DOCUMENTS, "id: hearsay", "id: manual"))
    assert any("specs/documents.yaml:7: the id 'manual' stands twice" in problem for problem in found), found


def test_broken_yaml_and_a_test_that_is_no_python_are_reported_not_raised(tmp_path: Path) -> None:
    assert "specs/documents.yaml" in problems(tmp_path, documents="documents: [")[0]
    assert "suites/bp_stats/test_auth.py:1: no Python" in problems(tmp_path, test_auth="def")[0]


def test_all_malformed_places_are_reported_at_once(tmp_path: Path) -> None:
    wrong = miniature.edited(miniature.edited(miniature.REQUIREMENTS, "must", "shall"), "kind: shape", "kind: form")
    assert len(problems(tmp_path, requirements=wrong, documents="documents: []")) == 3
