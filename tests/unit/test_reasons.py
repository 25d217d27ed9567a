"""A reason is words: what stands for one, or holds none, is refused in every form, by whichever door it comes."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from desk.cli import main
from tasks.forms import Form, Notice, Refused, Text, Withdraw, read_form
from tasks.verbs import all_verbs

FIELDS = [
    (verb.form, name)
    for verb in all_verbs().values()
    for name in verb.form.model_fields
    if name.endswith(("reasons", "evidence"))
] + [(Notice, "evidence")]  # fmt: skip


@pytest.mark.parametrize(("form", "name"), FIELDS, ids=[f"{form.__name__}.{name}" for form, name in FIELDS])
@pytest.mark.parametrize("said", ["...", "…", " ? ", "--", "WORDS", "own name"])
def test_what_says_nothing_is_refused(form: type[Form], name: str, said: str) -> None:
    """It would stand on the record for good, and be mailed to those whose dates it moved."""
    given = name.upper() if said == "own name" else said
    with pytest.raises(Refused) as refused:
        read_form(form, {name: given})
    (told,) = [each for each in str(refused.value).split("; ") if "in words" in each]
    assert told.startswith(("say it in words", "say the reason in words"))


def test_the_sentence_says_what_was_given_and_what_to_do() -> None:
    """In the words of whoever reads it."""
    with pytest.raises(Refused) as refused:
        read_form(Withdraw, {"reasons": "..."})
    assert str(refused.value).startswith("reasons: '...' says nothing; say the reason in words (What the applicant")
    with pytest.raises(Refused, match="reasons: REASONS stands for what you have to say; say it in words"):
        read_form(Withdraw, {"reasons": "REASONS"})


@pytest.mark.parametrize("said", ["no", "£4", "看", "Reasons", "See 3."])
def test_a_word_or_a_figure_is_enough(said: str) -> None:
    """Whether a reason is a good one is for people."""
    assert read_form(Withdraw, {"reasons": said}).reasons == said
    assert TypeAdapter(Text).validate_python(said) == said


def test_what_is_forgotten_has_its_reason_too(capsys: pytest.CaptureFixture[str]) -> None:
    """It is recorded for good as well, and refused before a case is looked for."""
    assert main(["forget", "PC-2017-001", "--apply", "--reasons", "..."]) == 2
    assert "'...' says nothing; say the reason in words" in capsys.readouterr().err
