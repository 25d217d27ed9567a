"""The forms in the Prefect pages: each has plain fields, none asks for what Prefect must not keep."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from desk.prefect_forms import FORMS, NOT_SAID
from tasks.forms import Form, read_form
from tasks.procedures import PLACES, procedure_named

ALL = [(procedure, title, form) for procedure, forms in FORMS.items() for _, title, form in forms]
NAMES = [f"{procedure}: {title}" for procedure, title, _ in ALL]
OWN = ("case", "acting_as")  #: that every form has beside the fields of its verb


def behind(procedure: str, title: str) -> type[Form]:
    """Return the form of the verb, or of the opening, that a Prefect form is made of."""
    found = procedure_named(procedure)
    verbs = {verb.title: verb.form for verb in found.verbs.values()}
    return verbs.get(title) or found.opening.form


@pytest.mark.parametrize(("procedure", "title", "form"), ALL, ids=NAMES)
def test_each_field_is_one_that_the_prefect_form_has_a_plain_input_for(
    procedure: str, title: str, form: Flow[..., Any]
) -> None:
    """Text, a whole number, a day, or a few choices: nothing that asks for its type first, no switch, no JSON."""
    schema = parameter_schema(form.fn).model_dump()
    for name, told in schema["properties"].items():
        assert "anyOf" not in told, name
        kinds = told.get("allOf") or [told]
        choices = [each for kind in kinds for each in _choices(kind, schema["definitions"])]
        plain = (told.get("type"), told.get("format"))
        assert choices or plain in {("string", None), ("string", "date"), ("integer", None)}, (name, told)
        assert all(isinstance(each, str) for each in choices), name
        assert told["description"], name


def _choices(told: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    named = told.get("$ref", "").rpartition("/")[2]
    return list(definitions[named]["enum"] if named else told.get("enum", [told["const"]] if "const" in told else []))


@pytest.mark.parametrize(("procedure", "title", "form"), ALL, ids=NAMES)
def test_a_form_offers_the_fields_of_its_verb_less_the_private_ones(
    procedure: str, title: str, form: Flow[..., Any]
) -> None:
    """What Prefect must not keep is not asked for; what can be left out has a default that says nothing."""
    fields = behind(procedure, title).model_fields
    private = {name for name, field in fields.items() if (field.json_schema_extra or {}) == {"private": True}}
    offered = {name: each for name, each in inspect.signature(form.fn).parameters.items() if name not in OWN}
    assert set(offered) == set(fields) - private
    for name, parameter in offered.items():
        assert (parameter.default is inspect.Parameter.empty) == fields[name].is_required(), name
    assert ("belong here" in (form.fn.__doc__ or "")) == bool(private)


@pytest.mark.parametrize("procedure", PLACES)
def test_the_opening_comes_first_and_every_verb_has_its_form(procedure: str) -> None:
    """The numbers in front of the deployments follow this order; no two have one title."""
    found, titles = procedure_named(procedure), [title for _, title, _ in FORMS[procedure]]
    assert titles == [found.opening.title, *(verb.title for verb in found.verbs.values())]
    assert len(set(titles)) == len(titles) < 100


def test_what_is_read_in_words_is_a_text() -> None:
    """Amounts as the papers print them, and lists of names with amounts, can be written in one line."""
    grant = FORMS["grant"][0][2]
    parameters = inspect.signature(grant.fn).parameters
    assert {parameters[name].annotation for name in ("total", "years", "schemes")} == {str}
    fields = {
        "reference": "A", "title": "Grant", "letter_on": "2017-03-22", "total": "£9,710,902",
        "years": "2017/18=£4,981,651, 2018/19=£3,161,704, 2019/20: 1,567,547",
        "schemes": "Out of hours service=100 thousand; Nursing homes, complex needs=1,500 thousand",
    }  # fmt: skip
    read: Any = read_form(behind("grant", "Announced"), fields)
    assert dict(read.years) == {"2017/18": 4_981_651, "2018/19": 3_161_704, "2019/20": 1_567_547}
    assert sum(read.years.values()) == read.total
    assert list(read.schemes.values()) == [100_000, 1_500_000]


def test_a_choice_that_may_be_left_out_has_a_word_for_that() -> None:
    """A verb takes it as nothing said, as it does an empty text."""
    forms = {title: form for _, title, form in FORMS["better-care-plan"]}
    manner = inspect.signature(forms["Record a sign-off"].fn).parameters["manner"]
    assert manner.default == NOT_SAID
    assert re.search(r"not said.*resolution.*delegation", str(manner.annotation))
