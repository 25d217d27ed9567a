"""`evidence` and `verify`: a case's record in one file for court, auditor or public, and the check of such a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from desk.case_names import Case
from desk.tables import print_json, say
from models.counting import counted

WHOLE, FOUND = 0, 1
MOST_LINES = 40  #: findings that are printed; --json gives all

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def evidence(
    case: Case,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="The file to write; one that is there is left alone")],
    for_publication: Annotated[
        bool, typer.Option("--for-publication", help="Withhold personal data and confidential papers; the chain holds")
    ] = False,
    withhold: Annotated[
        list[str] | None, typer.Option(metavar="FACT:FIELD", help="Withhold this field as well, such as 12:reasons")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there")] = False,
    as_json: Json = False,
) -> None:
    """Write the record of a case with its letters, papers and dates into one file that anybody can check."""
    from desk.door import the_office
    from desk.evidence import evidence_files, gather
    from desk.evidence_publication import for_publication as withheld_from
    from models.evidence_zip import check_target, write_whole, zip_bytes

    if withhold and not for_publication:
        raise ValueError("--withhold goes with --for-publication; a file for court or auditor withholds nothing")
    check_target(out, force=force)
    with the_office() as (office, _):
        material = gather(office, case)
    withheld = withheld_from(material, withhold or []) if for_publication else None
    content = zip_bytes(evidence_files(material, _progress, withheld))
    write_whole(out, content, force=force)
    last = material.record.facts[-1]
    if as_json:
        told = {"case": case, "file": str(out), "bytes": len(content), "facts": last.number, "head": last.hash}
        return print_json(told | ({"withheld": withheld.as_dict()} if withheld else {}))
    holds = f"{counted(last.number, 'fact')}, {counted(len(material.letters), 'letter')}"
    say(f"The evidence of {case} is in {out}: {holds}.", "green")
    say(f"It ends with the hash {last.hash}. Check it with: cleardays verify {out}")
    if withheld is not None:
        say(f"{withheld.counted()} Read withheld.txt in it, and the account, before you publish it.")
        if withheld.unsearched:
            many = len(withheld.unsearched) > 1
            what = f"{counted(len(withheld.unsearched), 'document')} {'are' if many else 'is'} no plain text and "
            say(f"{what}{'were' if many else 'was'} not searched for names: "
                f"look at {'them' if many else 'it'} first.", "yellow")  # fmt: skip


evidence.example = "Example: cleardays evidence PC-2017-001 --out PC-2017-001.zip"  # type: ignore[attr-defined]


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A file that cleardays evidence wrote")],
    heads: Annotated[
        Path | None, typer.Option(metavar="FILE|FOLDER", help="Daily heads that the auditor kept, or their letters")
    ] = None,
    as_json: Json = False,
) -> int:
    """Check an evidence file and return the exit code: 0 whole, 1 something was found, 2 it cannot be read."""
    from desk.evidence_verify import verify_file
    from models.evidence_zip import NoEvidenceFile

    try:
        verdict = verify_file(file, heads)
    except NoEvidenceFile as error:
        raise ValueError(f"{file} cannot be read as evidence: {error}") from error
    if as_json:
        print_json({
            "file": str(file), "case": verdict.about.case, "whole": verdict.whole, "facts": verdict.facts,
            "head": verdict.about.head, "letters": verdict.letters, "documents": verdict.documents,
            "fields_withheld": verdict.withheld, "notes": verdict.notes,
            "found": [{"kind": each.kind, "place": each.place, "says": each.says} for each in verdict.findings],
        })  # fmt: skip
        return WHOLE if verdict.whole else FOUND
    for each in verdict.findings[:MOST_LINES]:
        say(str(each), "red")
    if len(verdict.findings) > MOST_LINES:
        say(f"And {len(verdict.findings) - MOST_LINES} more; --json gives them all.", "red")
    holds = ", ".join(
        [counted(verdict.facts, "fact"), counted(verdict.letters, "letter"), counted(verdict.documents, "document")]
    )
    if verdict.whole:
        ending = f"It ends with the hash {verdict.about.head}."
        say(f"The evidence of {verdict.about.case} is whole: {holds}. {ending}", "green")
    else:
        say(f"The evidence of {verdict.about.case} is not as it was made ({holds}).", "bold red")
    if verdict.withheld:
        say(f"{counted(verdict.withheld, 'field is', 'fields are')} withheld: of each only the digest is told.")
    for note in verdict.notes:
        say(f"{note}.")
    return WHOLE if verdict.whole else FOUND


verify.example = "Example: cleardays verify PC-2017-001.zip --heads kept-heads/"  # type: ignore[attr-defined]


def _progress(line: str) -> None:
    print(f"writing {line} ...", file=sys.stderr)
