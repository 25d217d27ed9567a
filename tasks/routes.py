"""The route: contentious or not, chosen by the Director after consulting the Chair (recs (i) and (ii))."""

from __future__ import annotations

from datetime import timedelta

from models.london import date_in_london
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Route
from tasks.ladders import newest_rung_after
from tasks.notices import inform, told
from tasks.powers import to_choose_route
from tasks.steps import step
from tasks.turns import Effect
from tasks.urgency import wait_is_over
from tasks.waiting import park, wake_after


def ask(case: PharmacyCase) -> None:
    """Ask the Director to choose the route, on the day of the notice and again while none is chosen."""
    pharmacy = case.council.pharmacy
    too_late = "yes" if case.route_by.passed(case.now) else ""
    inform(
        case, to_choose_route(case).asked(case), "route", template="notified-to-director", too_late=too_late,
        route_by=case.route_by.last_day, route_derivation=case.route_by.in_words(),
        circulate_by=case.circulate_by.last_day, circulate_derivation=case.circulate_by.in_words(),
        stated_difference=case.stated_difference or "",
    )  # fmt: skip
    inform(
        case, told(case, [pharmacy.chair]), "notice", template="notified-to-chair", too_late=too_late,
        route_by=case.route_by.last_day, route_derivation=case.route_by.in_words(),
    )  # fmt: skip


def wait_for_route(case: PharmacyCase) -> Route:
    """Return the route; where none is agreed by the day before circulation is due, contentious by default."""
    wake_after(case.route_by)
    if case.route is not None:
        return case.route
    _say_that_they_disagree(case)
    if case.route_by.passed(case.now):
        if case.must_represent:
            return Route(take_default(case)["route"])
        park(
            "Awaiting route", case.represent_by, "a neighbouring Board may comment; no route has been chosen"
        )
    _ask_again(case)
    wait_is_over(case, "no route has been chosen")
    if not to_choose_route(case).asked(case):
        park("Awaiting route: office vacant", case.route_by, "nobody holds the office that chooses the route")
    park(
        "Awaiting route", case.route_by, "the Director of Public Health, having consulted the Chair, decides"
    )


@step("route-decided", "Contentious by default")
def take_default(case: PharmacyCase) -> Effect:
    """Record that the application is dealt with as contentious because no route was agreed in time.

    The paper leaves this open (recs (i), (ii)); the fuller consultation is the safe course: it asks everybody whom
    either recommendation names. Where the notice was entered too late to ask anybody, the reason says so.
    """
    disputes = case.record.all("route-disputed")
    reason = (
        "the Director of Public Health and the Chair disagree" if disputes else "no route was chosen"
    ) + f" by the end of {case.route_by.last_day:%-d %B %Y}"
    if _entered_too_late(case):
        reason += (
            f" (the notice, given on {case.notice.given_on:%-d %B %Y}, was entered only on "
            f"{date_in_london(case.record.facts[0].at):%-d %B %Y}, so that nobody was asked in time)"
        )
    return Effect(
        {"route": Route.CONTENTIOUS, "reasons": f"{reason}: contentious by default", "by_default": True,
         "chair_agrees": None, "deadline": case.route_by.to_dict()},
    )  # fmt: skip


def _entered_too_late(case: PharmacyCase) -> bool:
    return case.route_by.passed(case.record.facts[0].at)


def _say_that_they_disagree(case: PharmacyCase) -> None:
    pharmacy = case.council.pharmacy
    for number, fact in enumerate(case.record.all("route-disputed"), start=1):
        inform(
            case, told(case, [pharmacy.responsible_officer, pharmacy.chair]), f"disagreement {number}",
            template="route-disagreed", route_by=case.route_by.last_day,
            route_derivation=case.route_by.in_words(), directors_route=fact["route"],
        )  # fmt: skip


def _ask_again(case: PharmacyCase) -> None:
    """Ask again on the council's ladder; after an outage only the newest rung, with what is true today."""
    ladder = case.council.local_policy.ask_route_days.value
    days = [day for day in ladder if case.notice.given_on + timedelta(days=day) <= case.route_by.last_day]
    rung = newest_rung_after(case.notice.given_on, days)
    if rung is None:
        return
    asked = sum(str(fact["about"]).startswith("route") for fact in case.record.all("informed"))
    inform(
        case, to_choose_route(case).asked(case), f"route, day {rung}",
        template="route-asked-again", route_by=case.route_by.last_day,
        route_derivation=case.route_by.in_words(), times_asked=asked + 1,
        days_left=(case.route_by.last_day - case.today).days,
    )  # fmt: skip
