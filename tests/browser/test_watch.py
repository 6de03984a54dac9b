"""The watch over every window notices: what it lets pass silently, no other test would find."""

import pytest

from browsing import Visitor

ELSEWHERE = "http://127.0.0.1:9/pixel.png"
"""An address of nobody on this machine."""
BREACHES = {
    "a script inside the page": "document.body.append(Object.assign("
    "document.createElement('script'), {textContent: 'window.ran = true'}))",
    "a style inside the page": "document.body.setAttribute('style', 'color: red')",
    "a picture from elsewhere": f"new Image().src = '{ELSEWHERE}'",
    "numbers from elsewhere": f"fetch('{ELSEWHERE}').catch(() => null)",
}


@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES)
def test_a_breach_of_the_content_rules_is_refused_and_noticed(
    breach: str, visitor: Visitor
) -> None:
    page = visitor.goes("/")
    told = "refused by the content rules"
    with page.expect_console_message(lambda message: told in message.text):
        page.evaluate(f"() => {{ {breach} }}")
    assert page.evaluate("window.ran") is None
    with pytest.raises(AssertionError, match=told):
        visitor.rests()


def test_a_request_to_anybody_else_is_noticed(examiner: Visitor) -> None:
    """In a window without content rules, which would stop it first."""
    page = examiner.goes("/")
    with page.expect_event("requestfailed"):
        page.evaluate(BREACHES["a picture from elsewhere"])
    with pytest.raises(AssertionError, match=f"asked elsewhere: {ELSEWHERE}"):
        examiner.rests()


def test_a_script_that_fails_is_noticed(visitor: Visitor) -> None:
    page = visitor.goes("/")
    with page.expect_event("pageerror"):
        page.evaluate("() => { setTimeout(() => { throw new Error('lost') }) }")
    with pytest.raises(AssertionError, match="script failed: lost"):
        visitor.rests()
