"""The agents' one websocket: hints that something changed, and short-lived signals; never a record."""

from helpdesk.stream.consumer import AgentSocket

__all__ = ["AgentSocket"]
