"""The routing rules from the command line: `manage.py policy list|show|validate|publish|rollback`."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from helpdesk.models import User
from routing.models import Domain, Policy
from routing.policies import ORDINARY
from routing.rules import ordinary
from routing.rules.writing import written
from routing.versions import PolicyFaulty, PolicyRefused, draft_of, publish, rollback, validate, version


class Command(BaseCommand):
    help = "Show, validate and publish routing rules, or put those of an earlier version in force again."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        _add(actions, "list", "every version, newest first")
        shown = _add(actions, "show", "the rules in force, or others")
        shown.add_argument("number", nargs="?", type=int, help="of a version; 0 for the ordinary rules")
        shown.add_argument("--draft", action="store_true", help="the draft instead")
        _add(actions, "validate", "say what is wrong with a file of rules").add_argument(
            "file", help="JSON; - to read it"
        )
        published = _add(actions, "publish", "put a file of rules in force")
        published.add_argument("file", help="JSON; - reads it from the standard input")
        back = _add(actions, "rollback", "publish the rules of an earlier version again")
        back.add_argument("number", type=int, help="of the version; 0 for the ordinary rules")
        for action in (published, back):
            action.add_argument("--note", default="", help="what changed and why")
            action.add_argument("--by", help="e-mail address of who does it")
            action.add_argument("--based-on", type=int, help="refuse unless this version is in force still")

    def handle(self, *args, action, **options):
        """Refusals and errors are told in words, and the command fails."""
        domain = Domain.objects.filter(name=options["domain"]).first()
        if domain is None:
            raise CommandError(f"There is no routing domain {options['domain']}.")
        try:
            self.stdout.write(_ACTIONS[action](domain, options))
        except PolicyFaulty as refusal:
            raise CommandError("\n".join(["The rules were not published.", *map(_line, refusal.findings)])) from None
        except (OSError, PolicyRefused, ValueError) as refusal:
            raise CommandError(str(refusal)) from None


def _add(actions, name, words):
    parser = actions.add_parser(name, help=words)
    parser.add_argument("--domain", default="main", help="routing domain; main unless told")
    parser.add_argument("--json", action="store_true", dest="as_json", help="answer in JSON")
    return parser


def _list(domain, options):
    rows = Policy.objects.filter(domain=domain).select_related("by").order_by("-number")
    rows = sorted(rows, key=lambda row: row.number is not None)  # the draft first
    if options["as_json"]:
        return json.dumps([_facts(row) for row in rows], indent=2)
    return "\n".join(_headline(row) for row in rows) or "The ordinary rules are in force; nobody published others."


def _show(domain, options):
    row = _asked_for(domain, options)
    document = row.document if row else ordinary()
    if options["as_json"]:
        facts = _facts(row) if row else {"number": ORDINARY, "state": "ordinary"}
        return json.dumps({**facts, "document": document}, indent=2, ensure_ascii=False)
    headline = _headline(row) if row else "The ordinary rules"
    return f"{headline}\n{written(document)}"


def _asked_for(domain, options):
    if options["draft"]:
        row = draft_of(domain)
        if row is None:
            raise CommandError("There is no draft.")
        return row
    number = options["number"]
    if number is None:
        return domain.policy
    return version(domain, number) if number else None


def _validate(domain, options):
    found = validate(domain, _read(options["file"]))
    told = json.dumps([_plain(one) for one in found], indent=2, ensure_ascii=False)
    told = told if options["as_json"] else "\n".join(map(_line, found)) or "These rules can be published."
    if any(one.is_error for one in found):
        raise CommandError(told)
    return told


def _publish(domain, options):
    return _done(publish(domain, _read(options["file"]), **_terms(options)), options)


def _rollback(domain, options):
    return _done(rollback(domain, options["number"], **_terms(options)), options)


_ACTIONS = {"list": _list, "show": _show, "validate": _validate, "publish": _publish, "rollback": _rollback}


def _done(row, options):
    return json.dumps(_facts(row)) if options["as_json"] else f"Version {row.number} is in force."


def _terms(options):
    by = User.objects.filter(email__iexact=options["by"]).first() if options["by"] else None
    if options["by"] and not by:
        raise CommandError(f"There is nobody with the address {options['by']}.")
    return {"by": by, "note": options["note"], "based_on": options["based_on"]}


def _read(name):
    written = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    try:
        return json.loads(written)
    except json.JSONDecodeError as error:
        raise CommandError(f"{name} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise CommandError(f"{name} is nested too deeply.") from None


def _facts(row):
    at = row.published_at or row.changed_at
    return {"number": row.number, "state": row.state, "note": row.note, "by": str(row.by or ""), "at": at.isoformat()}


def _headline(row):
    facts = _facts(row)
    words = [str(row), row.get_state_display().lower(), facts["at"][:16].replace("T", " "), facts["by"], row.note]
    return " · ".join(dict.fromkeys(word for word in words if word))


def _plain(finding):
    return {"severity": finding.severity, "path": finding.path, "sentence": finding.sentence}


def _line(finding):
    return f"{finding.severity}: {finding.path or '/'}: {finding.sentence}"
