"""How many agents it takes: queueing formulas, each with its source, over the standard library and numpy/scipy.

Rates are per second and durations seconds throughout; a load is in erlangs (rate times mean service time).
"""

from routing.staffing.busyness import over_days
from routing.staffing.chat import ChatPace, chat_line
from routing.staffing.erlang import erlang_b, erlang_c
from routing.staffing.forecast import Forecast, weekly_forecast
from routing.staffing.line import Line, NotALine, Performance, Unstable, performance
from routing.staffing.mail import Backlog, agents_for_deadline, backlog
from routing.staffing.needed import Goal, Needed, OutOfReach, agents_needed, plan
from routing.staffing.redials import with_redials

__all__ = [
    "Backlog",
    "ChatPace",
    "Forecast",
    "Goal",
    "Line",
    "Needed",
    "NotALine",
    "OutOfReach",
    "Performance",
    "Unstable",
    "agents_for_deadline",
    "agents_needed",
    "backlog",
    "chat_line",
    "erlang_b",
    "erlang_c",
    "over_days",
    "performance",
    "plan",
    "weekly_forecast",
    "with_redials",
]
