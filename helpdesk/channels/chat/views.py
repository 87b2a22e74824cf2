"""What the widget asks for over HTTP, from any web page that may embed it; and the demo's web page that does."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.channels.chat.conversation import snapshot
from helpdesk.channels.chat.visitors import VisitorRefused, arrive, may_embed, token_of, visitor_of, widget_of
from helpdesk.models import EntryPoint
from routing.service_level import queue_stats

LOADER_SECONDS = 300
MODULE = "helpdesk/widget/widget.js"


@require_safe
def loader(request):
    """`/widget.js`: the script tag of the host page. It says where this build's module lies, so it is kept briefly."""
    context = {"module": static(MODULE)}
    response = render(request, "helpdesk/widget/loader.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={LOADER_SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def shop(request):
    """`/demo/shop/`: a web shop that embeds the first widget; only in the demo."""
    widget = EntryPoint.objects.filter(kind=EntryPoint.Kind.WIDGET, is_active=True).order_by("pk").first()
    if not settings.HELPDESK_DEMO or widget is None:
        raise Http404("The demo shop is there while the demo runs.")
    return render(request, "helpdesk/demo/shop.html", {"widget": widget})


class WidgetView(APIView):
    """Answers other people's web pages: no cookies, and only those of the entry point's origins."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "chat_start"
    widget = None

    def initial(self, request, *args, **kwargs):
        try:
            self.widget = widget_of(kwargs["key"])
        except VisitorRefused as refusal:
            raise exceptions.NotFound(str(refusal)) from None
        if not self._is_welcome(request):
            raise exceptions.PermissionDenied(
                f"{request.headers['Origin']} may not use this chat; its owner can say so."
            )
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        """Tell the browser which page may read the answer; refusals too, so that the widget can show them."""
        response = super().finalize_response(request, response, *args, **kwargs)
        origin = request.headers.get("Origin")
        if origin and (self.widget is None or self._is_welcome(request)):
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
            response["Access-Control-Allow-Methods"] = "GET, POST"
            response["Access-Control-Max-Age"] = "86400"
        response["Vary"] = "Origin"
        response["Cache-Control"] = "no-store"
        return response

    def _is_welcome(self, request):
        origin = request.headers.get("Origin")
        own = f"{request.scheme}://{request.get_host()}"
        return not origin or may_embed(self.widget, origin, own=own)


class SessionSerializer(serializers.Serializer):
    """What a page says about its visitor; all of it optional."""

    token = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    email = serializers.CharField(required=False, allow_blank=True, max_length=320)
    language = serializers.CharField(required=False, allow_blank=True, max_length=35)


class Session(WidgetView):
    """`POST /widget/<key>/session/`: begin, or go on with, a visitor's session."""

    @extend_schema(exclude=True)
    def post(self, request, key):
        asked = SessionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            visitor = arrive(self.widget, **asked.validated_data)
        except VisitorRefused as refusal:
            raise exceptions.ValidationError({"email": [str(refusal)]}) from None
        return Response(self._session(request, visitor))

    def _session(self, request, visitor):
        scheme = "wss" if request.is_secure() else "ws"
        (stats,) = queue_stats([self.widget.queue])
        brand = {"name": self.widget.name, "colour": self.widget.colour, "greeting": self.widget.greeting}
        return {
            "token": token_of(visitor),
            "name": visitor.name,
            "email": visitor.email,
            "brand": brand,
            "language": self.widget.language,
            "queue_open": stats.available_agents > 0,
            "people": stats.available_agents,
            "ws": f"{scheme}://{request.get_host()}/ws/v1/visitor/",
        }


class Conversation(WidgetView):
    """`GET /widget/<key>/conversation/` with `Authorization: Visitor <token>`: what the visitor's socket would show."""

    @extend_schema(exclude=True)
    def get(self, request, key):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            visitor = visitor_of(token if scheme == "Visitor" else "")
        except VisitorRefused as refusal:
            raise exceptions.PermissionDenied(str(refusal)) from None
        if visitor.entry_point_id != self.widget.pk:
            raise exceptions.PermissionDenied("This session is of another chat; please reload the page.")
        seen = snapshot(visitor)
        return Response({"messages": seen.messages, "state": seen.state})
