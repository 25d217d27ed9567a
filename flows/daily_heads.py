"""Daily heads: how far every record had come, mailed to the auditor each day, so that none can be cut off unseen.

A register of one council and year, kept like a case on the same record. It follows no paper: a chain of hashes shows
what was changed within it, not that its newest facts are missing; a file that left the building does.

Left to people: to keep what is mailed where nobody who keeps the database can reach it, and to hold it against the
record (`cleardays verify FILE.zip --heads FOLDER`) when there is reason to.
"""

from __future__ import annotations

from prefect import flow

from models.heads_register import HeadsRegister
from tasks import endings, heads, lost_letters, turns, vacancies


@flow(name="Daily heads", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def daily_heads(case_ref: str) -> str:
    """Seal one council's days for one year.

    Takes a turn of the register: does whatever the record and the date call for, then leaves the run waiting for the
    end of the day or a fact. Returns how the register ended.
    """
    return turns.take(case_ref, HeadsRegister, VERSIONS)


def keep_register(case: HeadsRegister) -> str:
    """Keep the register from its first day to 31 December, and return how it ended."""
    heads.seal_days_that_are_over(case)
    heads.mail_to_auditors(case)
    heads.have_newest_file_stamped(case)

    vacancies.see_to_officer(case)
    lost_letters.see_to_lost_letters(case)

    heads.wait_for_the_next_day(case)
    heads.wait_for_the_last_letter(case)
    return endings.close(case, "sealed to the end of the year")


VERSIONS = {1: keep_register}
"""The procedure by version: a register keeps the one it was opened under."""
