"""Files that agents send into a chat: who has the signed address may fetch the file, for a day."""

from datetime import timedelta

from csp.decorators import csp_exempt
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tickets.models import Attachment

SALT = "helpdesk.visitor-file"
VALID_FOR = timedelta(days=1)


def key_of(attachment: Attachment) -> str:
    """The signed name of an attachment, made anew each time its message is shown to the visitor."""
    return signing.dumps(attachment.pk, salt=SALT)


@require_safe
@csp_exempt()
def download(request, key: str):
    """`/widget/files/<key>/`: always a download, whatever the file says it is."""
    try:
        pk = signing.loads(key, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise Http404("This link is too old; open the chat again for a new one.") from None
    file = get_object_or_404(Attachment, pk=pk)
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.filename),
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(file.content), content_type="application/octet-stream", headers=headers)
