"""Who may do what: every role against every verb by every door; nothing but the one function lets an office record."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
from datetime import date, datetime
from functools import cache
from pathlib import Path
from pwd import getpwuid
from typing import Any

import pytest
import typer

from desk.cli import main
from desk.first_day import first_day
from desk.office import open_office
from desk.options import given_fields, with_options
from desk.prefect_forms import FORMS
from desk.rehearsal import Rehearsal
from desk.settings import Settings
from desk.who_may import HOUSE, grouped, rows
from models.cases import Case
from models.council import COUNCILS, Council, CouncilFileError, load_council
from models.executive_words import Signatory
from models.london import LONDON
from tasks.acts import Act, Verb
from tasks.authority import APPLY_CALENDAR, CHAIR, HOUSE_DEEDS, OFFICER, OPEN_CASE, Deed, Granted, authorised
from tasks.executive.forms import Sign
from tasks.forms import Form, Refused
from tasks.powers import Power
from tasks.procedures import PLACES, procedure_named
from tasks.turns import in_office

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)
SHIPPED = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
SECTION = SHIPPED[SHIPPED.index("authority:\n") : SHIPPED.index("# --- Roles: offices")]
REFUSED_EVERYWHERE = ("healthwatch", "auditor", "ward-member-bargate-1", "planning-policy-team", "nhs-england")

WHO_MAY = """
pharmacy-consolidation
  officer         director-of-public-health, deputy-director-of-public-health, public-health-team, democratic-services, monitoring-officer
                  : notify, attach, respond, meet, name-urgent-route, resend, serve, circulate-again, consult-also, extend, suspend, resume, correct-notice, retract, excuse, bounce, settle, share-representations, comment, notify-hearing, record-hearing, record-outcome, record-consolidation, extend-consolidation, publish-statement, withdraw
  decision-maker  director-of-public-health
                  : decide-route, decide
key-decision
  officer         democratic-services, monitoring-officer
                  : notify, publish, call-in, correct-publication, move-decision, correct-decision, settle, withdraw
  decision-maker  democratic-services; the office that is asked
                  : consent-urgency
  decision-maker  democratic-services
                  : decide-item, resolve-call-in
  decision-maker  democratic-services; the decision-maker who signs
                  : sign
better-care-plan
  officer         director-quality-and-integration, democratic-services
                  : notify, attach, meet-condition, choose-board-route, give-meeting-notice, send-evidence, record-section-75, record-return, record-review, settle, withdraw
  decision-maker  democratic-services
                  : record-arrangements
  decision-maker  director-quality-and-integration, democratic-services; the office that signs
                  : sign-off
  decision-maker  director-quality-and-integration, democratic-services
                  : submit
  decision-maker  director-quality-and-integration
                  : record-assurance, record-panel
grant
  officer         service-director-adults, director-quality-and-integration, democratic-services
                  : notify, attach, explain-difference, settle, withdraw
  decision-maker  director-quality-and-integration, cabinet, full-council, democratic-services
                  : record-stage, retract
joint-commissioning-item
  officer         director-quality-and-integration, democratic-services
                  : notify, attach, convene, move-decision, correct-decision, attend, discuss, publish, call-in, correct-publication, settle, withdraw
  chair           ccg-chair, cabinet-member-health
                  : place-item, defer, refer-back, open-dispute
  decision-maker  democratic-services; the member whose interest it is
                  : declare-interest
  decision-maker  democratic-services
                  : vote, conclude-dispute, minute, resolve-call-in, record-parent-decision
  decision-maker  democratic-services; the office that is asked
                  : consent-urgency
  decision-maker  cabinet-member-adult-care
                  : decide-item
  decision-maker  democratic-services; the decision-maker who signs
                  : sign
  decision-maker  service-director-legal
                  : amend-constitution
the house
  administrator   administrator
                  : calendar check --apply, retention
"""  # noqa: E501
"""The whole of it, by the shipped file: whoever changes who may do what changes this table, and sees that it is so."""


@pytest.fixture(scope="module")
def council() -> Council:
    """The shipped file."""
    return load_council("southampton")


@cache
def case_of(procedure: str) -> Case:
    """Return a case such as the example, on its first day."""
    return first_day(procedure_named(procedure), load_council("southampton"), ON, {}).case


def table() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the roles that may do a thing, by procedure and thing, as the table above has them."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    procedure, roles = "", tuple[str, ...]()
    for line in WHO_MAY.strip().splitlines():
        if not line.startswith(" "):
            procedure = line
        elif line.strip().startswith(":"):
            found |= {(procedure, each.strip()): roles for each in line.strip(" :").split(",")}
        else:
            roles = tuple(role.strip() for role in line.split(maxsplit=1)[1].partition(";")[0].split(","))
    return found


def deeds_of(procedure: str) -> list[Deed]:
    """Return what can be done: every verb of a procedure and the opening of a case, or the things of the house."""
    if procedure == HOUSE:
        return [deed for deed in HOUSE_DEEDS if deed is not OPEN_CASE]
    return [OPEN_CASE, *procedure_named(procedure).verbs.values()]


ALL = [(procedure, deed) for procedure in (*PLACES, HOUSE) for deed in deeds_of(procedure)]


def test_the_table_is_as_it_was_agreed(council: Council) -> None:
    """A verb, a role or a grant that is new, gone or another shows here, in words that a person can check."""
    lines = []
    for procedure, groups in grouped(list(rows(council, ON))).items():
        lines.append(procedure)
        for group in groups:
            who = "; ".join([", ".join(group.roles), *group.also])
            lines += [f"  {group.needs:<16}{who}", f"{'':<18}: {', '.join(group.deeds)}"]
    assert "\n".join(lines) == WHO_MAY.strip("\n")


@pytest.mark.parametrize(("procedure", "deed"), ALL, ids=[f"{procedure}: {deed.name}" for procedure, deed in ALL])
def test_every_role_may_do_what_the_table_grants_and_nothing_else(
    council: Council, procedure: str, deed: Deed
) -> None:
    """Each of the file's roles is either granted the deed, or refused by name with the deed and with who may."""
    granted = table()[procedure, deed.name]
    case = None if procedure == HOUSE or deed is OPEN_CASE else case_of(procedure)
    of = None if case is not None else procedure
    assert len(council.roles) > 80
    for role in council.roles:
        if role in granted:
            assert authorised(deed, role, council, ON, procedure=of, case=case).role == role
            continue
        with pytest.raises(Refused) as refused:
            authorised(deed, role, council, ON, procedure=of, case=case)
        told = str(refused.value)
        assert told.startswith(f"{council.title(role, ON)} ({role}) cannot ")
        assert f"({deed.name})" in told
        assert all(council.title(each, ON) in told for each in granted)


def test_an_unknown_role_is_refused_with_those_that_are_near(council: Council) -> None:
    """A slip of the pen is told apart from an office that may not."""
    with pytest.raises(Refused, match="did you mean 'healthwatch'"):
        authorised(OPEN_CASE, "healthwach", council, ON, procedure="grant")


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("director", "'director-of-public-health'? near it: director-quality-and-integration, deputy-director-of-"),
        ("Leader of the Council", "'leader-of-the-council'"),
        ("section 151", "'section-151-officer'"),
        ("council", "'full-council'? near it: council-chair, "),
    ],
)
def test_part_of_an_offices_id_or_title_leads_to_it(typed: str, nearest: str, council: Council) -> None:
    """Offices that begin with what was typed, or hold it, come before those that are spelt like it."""
    with pytest.raises(Refused, match=rf"\(did you mean {re.escape(nearest)}"):
        authorised(OPEN_CASE, typed, council, ON, procedure="grant")


# -- through the doors ---------------------------------------------------------------------------------------------


def fields_of(verb: Verb[Any]) -> dict[str, Any]:
    """Return the fields that the verb's own example of the command line gives."""
    found: dict[str, Any] = {}

    def note(**options: Any) -> None:
        found.update(given_fields(verb.form, options))

    app = typer.Typer(add_completion=False)
    app.command()(with_options(note, verb.form, {}, {}))
    app(shlex.split(verb.example), standalone_mode=False)
    return found


@pytest.mark.parametrize("procedure", PLACES)
def test_every_verb_asks_before_it_does_anything(council: Council, procedure: str) -> None:
    """Filled in with its own example, by an office that may not, each verb is refused for that, and records nothing."""
    found = procedure_named(procedure)
    day = first_day(found, council, ON, {})
    playing = Rehearsal(council, NOW, procedure=procedure)
    playing.notify(dict(day.fields))
    head = playing.record.head
    for verb in found.verbs.values():
        for role in REFUSED_EVERYWHERE:
            with pytest.raises(Refused) as refused:
                playing.do(verb.name, role, **fields_of(verb))
            assert f"({role}) cannot " in str(refused.value), (verb.name, role)
    assert playing.record.head == head
    assert len(found.verbs) >= 5


@pytest.mark.parametrize("procedure", PLACES)
def test_the_office_whose_task_it_is_need_not_say_so(council: Council, procedure: str) -> None:
    """Nobody names an office for what is theirs to do: no verb is refused to its usual office for who it is."""
    found = procedure_named(procedure)
    for verb in found.verbs.values():
        playing = Rehearsal(council, NOW, procedure=procedure)
        playing.notify(dict(first_day(found, council, ON, {}).fields))
        try:
            playing.do(verb.name, **fields_of(verb))
        except Refused as refused:
            why = str(refused)
        else:
            why = ""
        assert "in this council's file that is for" not in why, verb.name


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for the command line."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


NOTICE = ["--reference", "CAS-1", "--given-at", "2017-08-01T10:00", "--capacity", "relevant", "--applicant", "A Ltd",
          "--closing", "1 Low Street", "--remaining", "2 High Street", "--wards", "bargate"]  # fmt: skip


def test_the_command_line_has_no_way_round(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To open a case, to act on one and to apply a calendar: each is refused in one sentence, exit code 2."""
    for role in REFUSED_EVERYWHERE:
        assert main(["notify", "pharmacy-consolidation", *NOTICE, "--by", role]) == 2
        assert f"({role}) cannot open a case (notify)" in capsys.readouterr().err
    assert main(["notify", "pharmacy-consolidation", *NOTICE, "--by", "public-health-team"]) == 0
    for role in REFUSED_EVERYWHERE:
        assert main(["withdraw", "PC-2017-001", "--reasons", "x", "--by", role]) == 2
        assert f"({role}) cannot record a withdrawal (withdraw)" in capsys.readouterr().err
        assert main(["calendar", "check", "--apply", "--by", role]) == 2
        assert f"({role}) cannot apply a changed calendar" in capsys.readouterr().err
    office = open_office(Settings(home=home, _env_file=None))
    assert office.store.case("PC-2017-001").head == 1
    office.store.close()


def test_the_record_says_which_login_of_the_machine_it_was(home: Path) -> None:
    """Without logins of our own the command line knows two things: the office claimed, and who is logged in."""
    assert main(["notify", "pharmacy-consolidation", *NOTICE]) == 0
    assert main(["withdraw", "PC-2017-001", "--reasons", "Made by mistake.", "--by", "monitoring-officer"]) == 0
    office = open_office(Settings(home=home, _env_file=None))
    opened, withdrawn = office.store.record("PC-2017-001").facts
    office.store.close()
    assert (opened.actor, withdrawn.actor) == ("director-of-public-health", "monitoring-officer")
    assert {fact.channel for fact in (opened, withdrawn)} == {"command line"}
    assert {fact["os_user"] for fact in (opened, withdrawn)} == {getpwuid(os.getuid()).pw_name}


def test_an_act_of_which_nobody_said_whose_it_is_is_marked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands in the name of the office whose task it is; the record and the pages say that this was assumed."""
    assert main(["notify", "pharmacy-consolidation", *NOTICE]) == 0
    screening = ["--kind", "equality-screening", "--reasons"]
    assert main(["attach", "PC-2017-001", *screening, "One street."]) == 0
    assert main(["attach", "PC-2017-001", *screening, "Same hours.", "--by", "director-of-public-health"]) == 0
    office = open_office(Settings(home=home, _env_file=None))
    facts = office.store.record("PC-2017-001").facts
    office.store.close()
    assert {fact.actor for fact in facts} == {"director-of-public-health"}
    assert [fact.get("assumed") for fact in facts] == [True, True, None]
    capsys.readouterr()
    login = getpwuid(os.getuid()).pw_name
    assert main(["show", "PC-2017-001", "--facts"]) == 0
    told = capsys.readouterr().out
    assert f"- Director of Public Health: facts 1, 2, entered under the login {login}" in told
    assert told.count(f"director-of-public-health, assumed (login {login})") == 2
    assert main(["show", "PC-2017-001", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["assumed"]) == 1


def test_a_form_has_no_way_round(home: Path) -> None:
    """The forms of the Prefect pages end as refused, with the same sentence."""
    forms = {title: form for _, title, form in FORMS["pharmacy-consolidation"]}
    assert main(["notify", "pharmacy-consolidation", *NOTICE]) == 0
    office = open_office(Settings(home=home, _env_file=None))
    with in_office(office):
        for role in REFUSED_EVERYWHERE:
            ended = forms["Record a withdrawal"].fn(case="PC-2017-001", reasons="x", acting_as=role)
            assert ended.is_failed()
            assert f"({role}) cannot record a withdrawal" in str(ended.message)
    assert office.store.case("PC-2017-001").head == 1
    office.store.close()


@pytest.mark.parametrize(
    ("procedure", "verb", "clerk", "others", "filled"),
    [
        ("key-decision", "sign", "democratic-services", ("monitoring-officer", "leader-of-the-council"),
         {"capacity": "proper-officer"}),
        ("key-decision", "sign", "democratic-services", ("monitoring-officer", "cabinet-member-health"),
         {"capacity": "decision-maker"}),  # the Leader signs for the Cabinet
        ("key-decision", "resolve-call-in", "democratic-services", ("monitoring-officer", "leader-of-the-council"),
         {"outcome": "amended", "decision": "For twenty years.", "reasons": "As I see it."}),
        ("joint-commissioning-item", "sign", "democratic-services", ("director-quality-and-integration", "ccg-chair"),
         {"capacity": "decision-maker"}),
        ("joint-commissioning-item", "vote", "democratic-services", ("director-quality-and-integration", "ccg-chair"),
         {"hands": {"ccg-chair": "for"}}),
        ("joint-commissioning-item", "conclude-dispute", "democratic-services", ("director-quality-and-integration",),
         {"result": "not-progressed", "reasons": "As I see it."}),
        ("better-care-plan", "sign-off", "democratic-services", ("director-quality-and-integration", "chief-executive"),
         {"signatory": "board", "authority": "minute 9"}),
        ("better-care-plan", "record-arrangements", "democratic-services", ("director-quality-and-integration",),
         {"authority": "minute 14", "text": "Delegated to me."}),
        ("grant", "record-stage", "full-council", ("service-director-adults", "democratic-services"),
         {"stage": "council", "outcome": "agreed", "amount": 1, "minute": "COU/1"}),
    ],
)  # fmt: skip
def test_nobody_enters_anothers_decision_or_signature_but_the_clerk_named_for_it(
    council: Council, procedure: str, verb: str, clerk: str, others: tuple[str, ...], filled: dict[str, Any]
) -> None:
    """An officer who runs the procedure is refused for who it is, the clerk at most for how things stand."""
    found = procedure_named(procedure)
    playing = Rehearsal(council, NOW, procedure=procedure)
    playing.notify(dict(first_day(found, council, ON, {}).fields))
    for role in others:
        with pytest.raises(Refused, match=rf"\({role}\) cannot ") as refused:
            playing.do(verb, role, **filled)
        assert "named there, as 'clerk' or 'proper_officer'" in str(refused.value)
        assert "deputies" not in str(refused.value)
    with pytest.raises(Refused) as refused:
        playing.do(verb, clerk, **filled)
    assert "in this council's file that is for" not in str(refused.value)


def test_the_record_says_on_whose_word_a_clerk_signs(council: Council) -> None:
    """Who decided alone signs, or the Proper Officer enters that on their word, and nobody signs for the latter."""
    said = {}
    for role in ("leader-of-the-council", "democratic-services"):
        case = case_of_a_member()
        sign = procedure_named("key-decision").verbs["sign"]
        for capacity in Signatory:
            form = Sign(capacity=capacity)
            try:
                granted = authorised(sign, role, council, ON, case=case, form=form)
            except Refused:
                said[role, capacity] = "refused"
            else:
                said[role, capacity] = granted.on_word_of or "its own"
    assert said == {
        ("leader-of-the-council", Signatory.DECISION_MAKER): "its own",
        ("leader-of-the-council", Signatory.PROPER_OFFICER): "refused",
        ("democratic-services", Signatory.DECISION_MAKER): "leader-of-the-council",
        ("democratic-services", Signatory.PROPER_OFFICER): "its own",
    }


def case_of_a_member() -> Case:
    """Return a key decision that the Leader takes alone."""
    theirs = {"made_by": "member", "decision_maker": "leader-of-the-council"}
    return first_day(procedure_named("key-decision"), load_council("southampton"), ON, theirs).case


def test_a_chair_who_is_asked_to_consent_may_enter_that_answer_and_no_other(council: Council) -> None:
    """SI 2012/2089 reg 11: it is the chair's own agreement; another chair's is entered by that chair or an officer."""
    found = procedure_named("key-decision")
    playing = Rehearsal(council, NOW, procedure="key-decision")
    playing.notify(dict(first_day(found, council, ON, {}).fields))
    answer = {"asked": "scrutiny-chair", "answer": "agreed", "reasons": "The offer lapses."}
    with pytest.raises(Refused, match="or Chair of the Health Overview and Scrutiny Panel, whose own word it is"):
        playing.do("consent-urgency", "council-chair", **answer)
    for role in ("scrutiny-chair", "democratic-services"):
        with pytest.raises(Refused, match="the general exception can still be notified"):  # who it is is no obstacle
            playing.do("consent-urgency", role, **answer)


# -- nothing else records ------------------------------------------------------------------------------------------

OURS = {"ENGINE", "POSTROOM", "effect.actor"}  #: who acts where no office does


def test_only_what_was_granted_is_recorded_in_an_offices_name() -> None:
    """Every append of a fact is by the engine or the postroom, but the one behind `authorised`; nobody else grants."""
    appends, grants, effects = [], [], []
    for folder in ("desk", "flows", "tasks", "notifications", "models"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            place = file.relative_to(ROOT).as_posix()
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(call, ast.Call):
                    continue
                called = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
                named = {each.arg: ast.unparse(each.value) for each in call.keywords}
                if called == "append" and "actor" in named and named["actor"] not in OURS:
                    appends.append((place, named["actor"]))
                if called == "Granted":
                    grants.append(place)
                if called == "Effect" and "actor" in named:
                    effects.append(place)
    assert appends == [("tasks/authority.py", "self.role")]
    assert set(grants) == {"tasks/authority.py"}
    assert effects == []


def test_a_grant_says_for_whom_it_stands(council: Council) -> None:
    """A deputy and whoever enters another's decision are told apart on the record."""
    power = Power("decide this matter", "cabinet-member-health", ("cabinet-member-finance",), ("democratic-services",))
    verb = Verb("decide", "Decide", Form, _nothing, CHAIR, power=lambda case: power)
    case = case_of("grant")
    assert authorised(verb, "cabinet-member-health", council, ON, case=case) == Granted("cabinet-member-health")
    assert authorised(verb, "cabinet-member-finance", council, ON, case=case).deputy_for == "cabinet-member-health"
    assert authorised(verb, "democratic-services", council, ON, case=case).on_word_of == "cabinet-member-health"


def _nothing(case: Any, form: Form, read_file: Any) -> Act:
    return Act("nothing", {}, "")


def test_a_decision_that_is_nobodys_is_no_verb() -> None:
    """A verb says what authority it takes, or it is none; that of a decision-maker or a chair says who that is."""
    with pytest.raises(TypeError, match="needs"):
        Verb("defer", "Defer", Form, _nothing)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="the verb defer"):
        Verb("defer", "Defer", Form, _nothing, CHAIR)
    with pytest.raises(ValueError, match="the verb defer"):
        Verb("defer", "Defer", Form, _nothing, OFFICER, power=lambda case: Power("x", "y"))


# -- the council's file ----------------------------------------------------------------------------------------------


def edited(tmp_path: Path, *replaced: tuple[str, str]) -> Path:
    """Return a file with the shipped one's text, passages replaced."""
    text = SHIPPED
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "council.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    """Return the number of the first line that holds a text."""
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


def test_a_file_without_the_section_still_loads_and_says_what_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The responsible officer and the team that a procedure's own section names are its officers; nobody audits."""
    path = edited(tmp_path, (SECTION, ""))
    old = load_council(path)
    assert old.officers("pharmacy-consolidation") == ("director-of-public-health",)
    assert old.officers("key-decision") == ("democratic-services", "monitoring-officer")
    assert old.officers("better-care-plan") == ("director-quality-and-integration", "democratic-services")
    assert (old.auditors, old.administrators) == ((), ("director-of-public-health",))
    assert authorised(APPLY_CALENDAR, "director-of-public-health", old, ON).role == "director-of-public-health"
    assert main(["council", "check", str(path)]) == 0
    assert "no section 'authority'" in capsys.readouterr().out
    assert main(["council", "check", "southampton"]) == 0
    assert "no section" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        ("auditor: [auditor]", "auditor: [auditer]", "auditor: [auditer]", "did you mean 'auditor'"),
        ("    key-decision: [dem", "    key-decisions: [dem", "key-decisions:", "expected 'pharmacy-consolidation'"),
        ("auditor: [auditor]", "auditor: [democratic-services]", "auditor: [democratic",
         "'democratic-services' is an officer of"),
        ("administrator: [administrator]", "administrator: [auditor]", "administrator: [auditor]",
         "'auditor' is an auditor"),
        ("administrator: [administrator]", "administrator: [director-of-public-health]", "authority:",
         "director-of-public-health may, by a delegation above"),
        ("administrator: [administrator]", "administrator: []", "administrator: []", "a list of at least one"),
        ("  auditor: [auditor]\n", "", "authority:", "auditor is missing"),
    ],
)  # fmt: skip
def test_a_slip_in_the_section_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, at: str, told: str
) -> None:
    """Whoever keeps the file learns where it is wrong and what is meant."""
    path = edited(tmp_path, (SECTION, SECTION.replace(old, new, 1)))
    with pytest.raises(CouncilFileError) as wrong:
        load_council(path)
    (problem,) = wrong.value.problems
    assert told in str(problem).replace(" > ", ".").replace("authority.auditor is", "auditor is")
    assert problem.line == line_of(path, at)
