"""The addresses of the server-rendered pages."""

from django.urls import path

from helpdesk.console import agents, bodies, customers, decisions, demo_mailbox, inbound, inbox, policies, setup, staff
from helpdesk.console.dispositions import DispositionPages
from helpdesk.console.entry_points import EntryPointPages
from helpdesk.console.queues import QueuePages
from helpdesk.console.skills import SkillPages

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("inbox/<slug:view>/", inbox.inbox, name="inbox-view"),
    path("inbox/<slug:view>/<int:ticket>/", inbox.inbox, name="inbox-ticket"),
    path("floor/", inbox.floor, name="floor"),
    path("customers/", customers.index, name="customers"),
    path("customers/<int:pk>/", customers.show, name="customer"),
    path("decisions/<int:pk>/", decisions.show, name="decision"),
    path("settings/", setup.index, name="settings"),
    *QueuePages().urls(),
    *SkillPages().urls(),
    path("settings/agents/", agents.matrix, name="agents"),
    path("settings/agents/new/", agents.new, name="agents-new"),
    path("settings/agents/<int:pk>/", agents.change, name="agents-change"),
    path("settings/rules/", policies.index, name="rules"),
    path("settings/rules/discard/", policies.throw_away, name="rules-discard"),
    path("settings/rules/<int:number>/", policies.show, name="rules-version"),
    path("settings/rules/<int:number>/rollback/", policies.roll_back, name="rules-back"),
    *staff.StaffPages().urls(),
    path("settings/staff/<int:pk>/token/", staff.token, name="staff-token"),
    path("settings/staff/<int:pk>/token/revoke/", staff.forget_token, name="staff-forget-token"),
    *EntryPointPages().urls(),
    *DispositionPages().urls(),
    path("settings/inbound/", inbound.index, name="inbound"),
    path("settings/inbound/<int:pk>/raw/", inbound.raw, name="inbound-raw"),
    path("settings/inbound/<int:pk>/retry/", inbound.retry, name="inbound-retry"),
    path("messages/<int:pk>/body/", bodies.body, name="message-body"),
    path("attachments/<int:pk>/", bodies.attachment, name="attachment"),
    path("demo/mailbox/", demo_mailbox.index, name="demo-mailbox"),
    path("demo/mailbox/new/", demo_mailbox.write, name="demo-write"),
    path("demo/mailbox/<slug:name>/", demo_mailbox.show, name="demo-letter"),
    path("demo/mailbox/<slug:name>/body/", demo_mailbox.body, name="demo-body"),
    path("demo/mailbox/<slug:name>/reply/", demo_mailbox.answer, name="demo-answer"),
]
