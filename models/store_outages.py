"""Services and their outages, and turns that fail, in the store: looked up by anybody, noted by the desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from models.facts import read_instant, write_instant
from models.outages import BELIEVED_UNTIL, CLOCK, Outage, Seen, TurnFailure
from models.store_statements import OUTAGES, TURN_FAILURES, TURN_FAILURES_OF, instant_as_stored
from models.tables import CaseRow, FactRow, OutageRow, ServiceRow, TurnFailureRow

NEWEST_ROWS = 1000  #: how far back SQLite looks for a fact of the future: the desk looks at each start
LONGEST_WHY = 500


class OutagesOf:
    """Look-ups of services, outages and failed turns through one connection."""

    _connection: Connection

    def service(self, name: str) -> Seen | None:
        """Return when something was last heard of, or None."""
        query = select(ServiceRow.name, ServiceRow.seen_at, ServiceRow.says).where(ServiceRow.name == name)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Seen(row.name, row.seen_at, json.loads(row.says))

    def clock_believed_until(self) -> datetime | None:
        """Return up to which instant facts do not speak against the clock, by somebody's word; or None."""
        seen = self.service(CLOCK)
        return read_instant(seen.says[BELIEVED_UNTIL]) if seen is not None and seen.says.get(BELIEVED_UNTIL) else None

    def outages(self, since: datetime, until: datetime) -> list[Outage]:
        """Return the outages that were noted for any time between two aware instants, oldest first."""
        rows = OUTAGES.run(self._connection, since=write_instant(since), to=write_instant(until))
        return [Outage(name, read_instant(begun), instant_as_stored(over), why) for name, begun, over, why in rows]

    def outages_now(self) -> list[Outage]:
        """Return the outages that last, oldest first."""
        query = select(OutageRow.service, OutageRow.from_at, OutageRow.until_at, OutageRow.why)
        return [Outage(*row) for row in self._connection.execute(query.where(OutageRow.until_at.is_(None)))]

    def turn_failures(self, ref: str | None = None) -> list[TurnFailure]:
        """Return the open cases (or the one) whose turns fail, longest first; a turn that went well ends it."""
        if ref is None:
            return [TurnFailure(*row) for row in self._connection.execute(TURN_FAILURES)]
        return [
            TurnFailure(case, times, read_instant(first), read_instant(last), why)
            for case, times, first, last, why in TURN_FAILURES_OF.run(self._connection, of=ref)
        ]

    def recorded_at(self, ref: str, number: int) -> datetime | None:
        """Return when a fact of a case was recorded, or None where there is no such fact."""
        at: datetime | None = self._connection.scalar(
            select(FactRow.at).where(FactRow.case_ref == ref, FactRow.number == number)
        )
        return at

    def newest_after(self, instant: datetime) -> datetime | None:
        """Return the newest instant of a fact recorded after `instant` (aware), or None: a clock that was set back.

        On SQLite only the facts recorded last are looked at, so that a start takes no longer on a large record.
        """
        if self._connection.dialect.name == "sqlite":
            last = select(FactRow.at.label("at")).order_by(text("rowid DESC")).limit(NEWEST_ROWS).subquery()
            query = select(func.max(last.c.at)).where(last.c.at > instant)
        else:
            query = select(func.max(FactRow.at)).where(FactRow.at > instant)
        newest: datetime | None = self._connection.scalar(query)
        return newest


class NotesOutages(OutagesOf):
    """Changes of the same within one transaction."""

    def note_service(self, name: str, at: datetime, says: Mapping[str, Any]) -> None:
        """Note that something was heard of `at` an aware instant, and what it says of itself (plain JSON values)."""
        values = {"seen_at": at, "says": json.dumps(says)}
        changed = self._connection.execute(update(ServiceRow).where(ServiceRow.name == name).values(**values))
        if changed.rowcount == 0:
            self._connection.execute(insert(ServiceRow).values(name=name, **values))

    def begin_outage(self, service: str, since: datetime, why: str) -> None:
        """Note that something is not there since an aware instant; one that lasts already is left as it is."""
        lasts = select(OutageRow.id).where(OutageRow.service == service, OutageRow.until_at.is_(None))
        if self._connection.scalar(lasts.limit(1)) is None:
            self._connection.execute(insert(OutageRow).values(service=service, from_at=since, why=why[:LONGEST_WHY]))

    def end_outage(self, service: str, until: datetime) -> bool:
        """Note that something is there again; tell whether it was missing."""
        lasts = (OutageRow.service == service, OutageRow.until_at.is_(None))
        return self._connection.execute(update(OutageRow).where(*lasts).values(until_at=until)).rowcount > 0

    def note_outage(self, service: str, since: datetime, until: datetime, why: str) -> None:
        """Note an outage that is over, between two aware instants."""
        self._connection.execute(
            insert(OutageRow).values(service=service, from_at=since, until_at=until, why=why[:LONGEST_WHY])
        )

    def note_failed_turn(self, ref: str, at: datetime, why: str) -> None:
        """Note that a turn of a case failed `at` an aware instant; a row of failures counts as one."""
        seen = self._connection.scalar(select(CaseRow.seen).where(CaseRow.ref == ref))
        if seen is None:
            return
        before = self.turn_failures(ref)
        times, first_at = (before[0].times + 1, before[0].first_at) if before else (1, at)
        self._connection.execute(delete(TurnFailureRow).where(TurnFailureRow.case_ref == ref))
        self._connection.execute(
            insert(TurnFailureRow).values(
                case_ref=ref, seen=seen, times=times, first_at=first_at, last_at=at, why=why[:LONGEST_WHY]
            )
        )
