"""A checkout in miniature: the smallest specification that `python -m specs check` has nothing to say about."""

from pathlib import Path

from specs.documents import make_passage

TEXT = "Login\n\nResponse\n  • 401 – Unauthorized\n  • 200 – OK with a token, a text.\n"
PASSAGE = make_passage(TEXT, "200 – OK with a token, a text.")
DOCUMENT = make_passage(TEXT, TEXT)

DOCUMENTS = f"""\
documents:
  - id: manual
    title: The Manual
    publisher: Somebody
    revision: first
    text: {{sha256: {DOCUMENT.sha256}, length: {DOCUMENT.length}}}
  - id: hearsay
    title: Hearsay
    publisher: Somebody
    revision: none
"""

REQUIREMENTS = f"""\
api: bp_stats
title: A miniature
groups:
  login:
    meaning: user A
    alternatives:
      - {{when: {{auth_mode: cookie}}, keys: [tenant_url, username, password]}}
requirements:
  - id: bp_stats.auth.token-is-text
    level: must
    kind: shape
    operations: [authenticate]
    impact: session
    needs: [login]
    text: The token is a text.
    source:
      document: manual
      section: Login
      passage: {{sha256: {PASSAGE.sha256}, length: {PASSAGE.length}}}
    observe: Log in and look.
    catches: [The token is a number.]
  - id: bp_stats.auth.empty-body
    level: reading
    kind: scenario
    operations: [authenticate]
    impact: session
    text: What an empty body does is open.
    source: {{document: hearsay, section: all of it}}
    observe: Send one.
    readings:
      - {{name: refused, text: "400."}}
      - {{name: denied, text: "401."}}
    catches: [It ends in 500.]
"""

OPENAPI = """\
openapi: 3.1.0
info: {title: A miniature, version: "1"}
paths:
  /auth:
    post:
      operationId: authenticate
      x-impact: session
      responses:
        "200":
          description: Logged in.
          x-requirement: bp_stats.auth.token-is-text
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Login"}
        "400":
          description: Refused.
          x-requirement: bp_stats.auth.empty-body
components:
  schemas:
    Login:
      type: object
      required: [token]
      properties:
        token: {type: string, minLength: 1}
      examples:
        - {token: t-1}
      x-counter-examples:
        - {value: {token: 1}, why: The token is a number.}
"""

CASES = """\
cases:
  - id: empty-body-is-refused
    requirement: bp_stats.auth.empty-body
    purpose: A login without a body is refused.
    as: anonymous
    request:
      operation: authenticate
      body: {text: ""}
    expect:
      - {status: 400, reading: refused}
      - {status: [401, 403], reading: denied}
"""

TESTS = '''\
import pytest


@pytest.mark.requirement("bp_stats.auth.token-is-text")
def test_token_is_text() -> None:
    """The token is a text."""
'''

FILES = {
    "specs/documents.yaml": DOCUMENTS,
    "specs/bp_stats/requirements.yaml": REQUIREMENTS,
    "specs/bp_stats/openapi.yaml": OPENAPI,
    "suites/bp_stats/cases.yaml": CASES,
    "suites/bp_stats/test_auth.py": TESTS,
}


def write(root: Path, **changed: str) -> Path:
    """Write the miniature below `root`; `changed` gives other contents by the file's stem."""
    for name, contents in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, contents), encoding="utf-8")
    return root


def edited(contents: str, old: str, new: str) -> str:
    """Replace the first `old`; it must be there, so that no test edits nothing."""
    assert old in contents, f"{old!r} is not in the miniature"
    return contents.replace(old, new, 1)
