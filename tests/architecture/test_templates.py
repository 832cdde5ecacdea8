"""Templates compile, carry no code of their own, and every form has its token."""

import re

import pytest

from tests.architecture.code import TEMPLATES, templates

COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
NOT_ALLOWED = {
    "a script written in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE),
    "a style sheet written in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"\son[a-z]{3,}\s*=\s*[\"'{]", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "text trusted as markup": re.compile(r"\|\s*safe\b"),
}
FORM = re.compile(r"<form\b(.*?)</form>", re.IGNORECASE | re.DOTALL)
POSTS = re.compile(r"""method\s*=\s*["']?post""", re.IGNORECASE)
TOKEN = re.compile(r"\bcsrf\(\)|csrf_token")


def _source(path):
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def _id(path):
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", templates(), ids=_id)
def test_it_compiles(site, path):
    site.jinja_env.get_template(_id(path))


@pytest.mark.parametrize("path", templates(), ids=_id)
def test_it_holds_no_code(path):
    """The content security policy would refuse it anyway, and silently."""
    source = _source(path)
    assert not [what for what, pattern in NOT_ALLOWED.items() if pattern.search(source)]


@pytest.mark.parametrize("path", templates(), ids=_id)
def test_every_form_that_posts_carries_its_token(path):
    forms = [form for form in FORM.findall(_source(path)) if POSTS.search(form.split(">")[0])]
    assert not [form[:120] for form in forms if not TOKEN.search(form)]


def test_the_search_for_forms_finds_them():
    assert sum(len(FORM.findall(_source(path))) for path in templates()) > 5
