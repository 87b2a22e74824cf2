"""Every address under /api/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from helpdesk.api.agents import AgentViewSet
from helpdesk.api.customers import CustomerViewSet
from helpdesk.api.decisions import DecisionViewSet
from helpdesk.api.deliveries import DeliveryViewSet
from helpdesk.api.dispositions import DispositionViewSet
from helpdesk.api.docs import DocsView, SchemaView
from helpdesk.api.entry_points import EntryPointViewSet
from helpdesk.api.events import EventViewSet
from helpdesk.api.floor import FloorView
from helpdesk.api.inbound import InboundViewSet
from helpdesk.api.interactions import InteractionViewSet
from helpdesk.api.me import MeView, MyPresenceView
from helpdesk.api.messages import MessagesView, TimelineView
from helpdesk.api.offers import OfferViewSet
from helpdesk.api.policies import PolicyViewSet
from helpdesk.api.queues import QueueViewSet
from helpdesk.api.replays import ReplayViewSet
from helpdesk.api.skills import SkillViewSet
from helpdesk.api.tickets import TicketViewSet

router = SimpleRouter()
router.register("agents", AgentViewSet, basename="api-agent")
router.register("customers", CustomerViewSet, basename="api-customer")
router.register("decisions", DecisionViewSet, basename="api-decision")
router.register("deliveries", DeliveryViewSet, basename="api-delivery")
router.register("dispositions", DispositionViewSet, basename="api-disposition")
router.register("entry_points", EntryPointViewSet, basename="api-entry-point")
router.register("events", EventViewSet, basename="api-event")
router.register("inbound", InboundViewSet, basename="api-inbound")
router.register("interactions", InteractionViewSet, basename="api-interaction")
router.register("offers", OfferViewSet, basename="api-offer")
router.register("policies", PolicyViewSet, basename="api-policy")
router.register("queues", QueueViewSet, basename="api-queue")
router.register("replays", ReplayViewSet, basename="api-replay")
router.register("skills", SkillViewSet, basename="api-skill")
router.register("tickets", TicketViewSet, basename="api-ticket")

v1 = [
    path("me/", MeView.as_view(), name="api-me"),
    path("me/presence/", MyPresenceView.as_view(), name="api-my-presence"),
    path("floor/", FloorView.as_view(), name="api-floor"),
    path("tickets/<int:pk>/timeline/", TimelineView.as_view(), name="api-ticket-timeline"),
    path("tickets/<int:pk>/messages/", MessagesView.as_view(), name="api-ticket-messages"),
    *router.urls,
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
