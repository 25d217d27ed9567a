"""What an officer sees and does in the Prefect pages, in a real browser."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.prefect_forms import FORMS
from models.london import LONDON, date_in_london, short_day_in_words
from models.pharmacy_words import PROCEDURE
from tasks.opening import notify
from tests.desk_at_work import DeskAtWork, desk_at_work, wait_until
from tests.integration.one_case import NOTIFIED_AT

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
PATIENCE = 60_000  #: milliseconds for a page to show what it should
#: What the element that has the focus is called.
FOCUSED = "() => { const it = document.activeElement; return it.labels?.[0]?.innerText ?? it.innerText; }"

Visit = Callable[[Callable[["Page"], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskAtWork]:
    """A desk at work on the day of the notice."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package `chromium` to test the Prefect pages")
    with desk_at_work(tmp_path_factory.mktemp("desk"), NOTIFIED_AT) as work:
        yield work


@pytest.fixture
def visit(work: DeskAtWork, tmp_path: Path) -> Visit:
    """Return a function that lets an officer do some steps in a browser; the last page is kept as a picture."""
    from playwright.async_api import async_playwright

    async def with_page(steps: Callable[[Page], Awaitable[None]]) -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = await browser.new_page(base_url=work.url, viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE)
            await sign_in(page, str(work.auth))
            try:
                await steps(page)
            finally:
                await page.screenshot(path=tmp_path / "page.png", full_page=True)
                await browser.close()

    return lambda steps: asyncio.run(with_page(steps))


@pytest.fixture(scope="module")
def case(work: DeskAtWork) -> str:
    """A case entered at the command line, which waits for its route."""
    notice = {
        "reference": "CAS-1", "given_at": work.clock.now().isoformat(), "capacity": "relevant", "applicant": "A Ltd",
        "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate",
    }  # fmt: skip
    ref = notify(work.office, "pharmacy-consolidation", "southampton", notice, channel="command line").case
    work.waits_for(ref, "Awaiting route")
    return ref


async def sign_in(page: Page, auth: str) -> None:
    """Type the password once, as an officer does in each browser: the pages that ask for it remember it."""
    await page.goto("/v2/deployments")
    asked = page.locator("input[type=password]")
    await asked.wait_for()
    await asked.fill(auth)
    await asked.press("Enter")
    await asked.wait_for(state="detached")


def test_a_wrong_password_opens_no_page(work: DeskAtWork, visit: Visit) -> None:
    """Signed in, the officer sees the forms; without the right password the pages go on asking."""

    async def steps(page: Page) -> None:
        await page.goto("/v2/deployments")
        await page.get_by_role("link", name=re.compile("Decide the route")).first.wait_for()
        await page.evaluate("localStorage.setItem('prefect-password', btoa('cleardays:wrong'))")
        await page.goto("/v2/deployments")
        await page.locator("input[type=password]").wait_for()
        assert await page.get_by_role("link", name=re.compile("Decide the route")).count() == 0

    visit(steps)


def test_the_deployments_are_the_cases_and_the_forms_in_order(visit: Visit) -> None:
    """The list of deployments is the officer's menu: cases first, then the forms in the order a case meets them."""

    async def steps(page: Page) -> None:
        await page.goto(f'/v2/deployments?limit=50&tags=["{PROCEDURE}"]')
        rows = page.get_by_role("row").get_by_role("link").filter(has_text=re.compile(r"^\d\d "))
        titles = [title for _, title, _ in FORMS[PROCEDURE]]
        await rows.nth(len(titles)).wait_for()
        wanted = ["00 Cases", *(f"{number:02d} {title}" for number, title in enumerate(titles, start=1))]
        assert await rows.all_inner_texts() == wanted

    visit(steps)


def test_a_notice_is_entered_with_the_keyboard_alone(work: DeskAtWork, visit: Visit) -> None:
    """Every field can be reached and filled in without a mouse; submitted, the form opens a case."""
    given_at = work.clock.now().astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")
    fields = {
        "Reference": "CAS-2", "Given at": given_at, "Applicant": "Example Pharmacies Limited",
        "Closing": "14 Canal Walk", "Remaining": "2 Mill Street", "Wards": "bargate, bevois",
    }  # fmt: skip

    async def steps(page: Page) -> None:
        await page.goto(f"/v2/deployments/deployment/{work.deployment('Notified')}/run")
        await page.get_by_label("Reference").wait_for()
        for label, value in fields.items():
            await tab_to(page, label)
            await type_in(page, value)
            if label == "Given at":
                await tab_to(page, "Capacity")
                await page.keyboard.press("Enter")
                await page.get_by_role("option", name="relevant").wait_for()
                await page.keyboard.type("relevant")
                await page.keyboard.press("Enter")
        await tab_to(page, "Submit")
        assert {label: await page.get_by_label(label).input_value() for label in fields} == fields
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile("/runs/flow-run/|/deployments/deployment/[^/]+$"))

    visit(steps)
    wait_until(lambda: opened(work, "CAS-2"), "the case that the form opens")
    assert work.record(str(opened(work, "CAS-2"))).facts[0]["wards"] == ["bargate", "bevois"]


async def type_in(page: Page, value: str) -> None:
    """Type a value into what has the focus, again where the page, still being drawn, swallowed some of it."""
    for _ in range(3):
        await page.keyboard.type(value)
        if await page.evaluate("document.activeElement.value") == value:
            return
        await page.keyboard.press("Control+A")
    pytest.fail(f"{value!r} cannot be typed")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called `name`."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate(FOCUSED) == name:
            return
    pytest.fail(f"{name!r} cannot be reached with the Tab key")


def opened(work: DeskAtWork, reference: str) -> str | None:
    """Return the case of a sender's reference, or None."""
    with work.office.store.reading() as reading:
        return reading.find(PROCEDURE, "southampton", reference)


def test_the_cases_page_leads_to_the_timetable(work: DeskAtWork, case: str, visit: Visit) -> None:
    """Open cases are listed with what they wait for and until when; the case's link opens picture and dates."""
    until = work.office.store.case(case).until
    assert until is not None
    cases = work.deployment("Cases")

    def board() -> str:
        rows = work.prefect.read_deployment(cases).description.splitlines()
        return next((row for row in rows if case in row), "")

    wait_until(lambda: f"[{case}]" in board(), "the case to be listed with its links")

    async def steps(page: Page) -> None:
        await page.goto(f"/v2/deployments/deployment/{cases}?tab=Description")
        row = page.get_by_role("row").filter(has_text=case)
        await row.wait_for()
        cells = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in await row.get_by_role("cell").all_inner_texts()]
        assert cells[:3] == [case, "Awaiting route", short_day_in_words(date_in_london(until))]
        await page.goto(str(await row.get_by_role("link", name=case).get_attribute("href")))
        picture = page.get_by_role("img", name=f"Timetable of {case}")
        await picture.wait_for()
        assert await picture.evaluate("img => img.complete && img.naturalWidth > 0 && img.naturalHeight > 100")
        await page.get_by_role("row").filter(has_text="Representation: last day").wait_for()
        dates = await page.get_by_role("table").first.get_by_role("row").all_inner_texts()
        assert [line.split("\t")[2] for line in dates] == [
            "What", "Notified", "Route: last day", "Circulation: last day", "Representation: last day",
        ]  # fmt: skip
        await page.get_by_role("heading", name="Plan, laid back from the last day").wait_for()

    visit(steps)


def test_the_run_of_a_waiting_case_shows_its_steps_and_artifacts(work: DeskAtWork, case: str, visit: Visit) -> None:
    """The pages behind the links in the log: each step by its title, and the three artifacts of the case."""
    page_of_run = f"/v2/runs/flow-run/{work.office.store.case(case).run_id}"

    async def steps(page: Page) -> None:
        await page.goto(f"{page_of_run}?tab=TaskRuns")
        for step in ("Inform: route (1)", "Inform: notice (1)", "Inform: application (1)"):
            await page.get_by_role("link", name=step).first.wait_for()
        await page.goto(page_of_run)
        async with page.expect_popup() as opened:
            await page.get_by_role("link", name=re.compile("tab=Artifacts")).first.click()
        for name in ("timetable", "people", "next"):
            await (await opened.value).get_by_text(f"{case.lower()}-{name}").first.wait_for()

    visit(steps)
