"""Bytes from outside, handed to a browser so that it keeps them and shows none."""

from django.http import HttpResponse

from helpdesk.models import InboundRaw


def raw_mail(row: InboundRaw) -> HttpResponse:
    """The bytes of a mail as they came in, as a download."""
    headers = {
        "Content-Disposition": f'attachment; filename="inbound-{row.pk}.eml"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(row.raw), content_type="message/rfc822", headers=headers)
