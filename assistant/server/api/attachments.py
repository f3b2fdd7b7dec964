"""``/cases/{case}/attachments``: files that belong to a case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from assistant.flags import attachments
from assistant.flags.attachments import Attachment
from assistant.flags.desk import SHORT
from assistant.server.request import Opened
from assistant.server.who import Acting
from ledger.cases.events import NAME_CHARACTERS_MAX

router = APIRouter(prefix="/cases", tags=["cases"])


class KnownAttachment(BaseModel):
    """A file of a case. Its bytes are at ``url``, always to be saved: what kind of file it is, nobody has looked."""

    document: str = Field(description="SHA-256 of the bytes as they are kept")
    name: str = Field(examples=["receipt.jpg"])
    bytes: int
    masked: int = Field(description="card numbers in it that were masked")
    by: str
    at: datetime
    url: str

    @classmethod
    def of(cls, case: str, one: Attachment) -> KnownAttachment:
        url = f"/api/v1/cases/{case[:SHORT]}/attachments/{one.document}"
        return cls(
            document=one.document, name=one.name, bytes=one.size_bytes, masked=one.masked, by=one.by, at=one.at, url=url
        )


@router.get("/{case}/attachments")
def list_attachments(case: str, service: Opened) -> list[KnownAttachment]:
    """The files of a case, in the order in which they were attached."""
    found = service.desk.find(case)
    return [KnownAttachment.of(found.id, one) for one in attachments.attachments(service.desk, found.id)]


@router.post("/{case}/attachments", status_code=201)
def add_attachment(
    case: str,
    service: Opened,
    who: Acting,
    file: UploadFile,
    by: Annotated[str, Form(max_length=NAME_CHARACTERS_MAX)] = "",
) -> KnownAttachment:
    """Attach a file of at most 10 MiB; whoever a case is about can do that, too."""
    content = file.file.read(attachments.BYTES_MAX + 1)
    name = who.acts_as(by)
    made = attachments.attach(service.desk, case, file.filename or "", content, by=name, at=datetime.now(UTC))
    return KnownAttachment.of(made.id, attachments.attachments(service.desk, made.id)[-1])


@router.get("/{case}/attachments/{document}", response_class=Response)
def get_attachment(case: str, document: str, service: Opened) -> Response:
    """The bytes of a file, never as a page or a picture: it was given by anybody."""
    return to_be_saved(*attachments.fetch(service.desk, case, document))


def to_be_saved(attachment: Attachment, content: bytes) -> Response:
    """A file that a browser saves and does not show, whatever it is and whatever it calls itself."""
    name = quote(attachment.name, safe="")
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )
