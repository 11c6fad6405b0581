"""A printable extract for a court file, in the look of the project's official documents."""

from datetime import date

from activities.paper import OfficialDocument, Table, render


def court_file(
    agency: str, title: str, paragraphs: list[str], header: list[str], rows: list[list[str]], day: date
) -> bytes:
    """A .docx, the same bytes for the same words. `day` is the legal day of the extract."""
    document = OfficialDocument(
        agency=agency, title=title, paragraphs=paragraphs, table=Table(header=header, rows=rows), signed_by=agency, dated=day,
    )  # fmt: skip
    return render(document)
