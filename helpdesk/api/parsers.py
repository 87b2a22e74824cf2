"""JSON bodies, less what no table can keep."""

import json
import re

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# JSON can name by escape what neither UTF-8 nor PostgreSQL can hold: NUL, and half a surrogate pair.
SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
# An escape, and not a backslash that somebody wrote before these letters.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
# Nothing sent here is nested half as deeply; Python gives up at about 900.
MOST_LEVELS = 100
TOO_DEEP = "This is nested too deeply."


class TidyJSONParser(JSONParser):
    """JSON whose texts can be stored and sent back. Raises ParseError in words for others."""

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read()
        try:
            text = body.decode("utf-8")
            content = json.loads(text, parse_constant=_refuse_constant)
        except ValueError as error:
            raise ParseError(f"This is no JSON: {error}") from None
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        if text.count("[") + text.count("{") > MOST_LEVELS:
            _refuse_depths(content)
        if SUSPECT.search(text):
            _refuse_unkeepable(content)
        return content


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON number")


def _refuse_depths(content):
    here, levels = [content], 0
    while here:
        if levels > MOST_LEVELS:
            raise ParseError(TOO_DEEP)
        inner = [one.values() if isinstance(one, dict) else one for one in here if isinstance(one, dict | list)]
        here, levels = [one for many in inner for one in many], levels + 1


def _refuse_unkeepable(content):
    written = json.dumps(content, ensure_ascii=False)
    if NUL.search(written) or any("\ud800" <= c <= "\udfff" for c in written):
        raise ParseError("The text has a character that cannot be kept: NUL, or half a surrogate pair.")
