"""The demo: everything on one machine, with a small company in it. `bin/demo` makes the packages and runs this.

PostgreSQL and Redis are the wheels' unless DATABASE_URL / REDIS_URL are set; data in `var/data`, logs in `var/log`,
and in `var/demo.json` the address, the logins and the rest, for scripts. Ctrl-C stops all of it.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

import django
from django.core.management import call_command

from config.embedded import Embedded, NotStarted
from config.processes import HOME, TABLE
from config.static import collect_if_stale
from config.supervisor import Supervisor, last_words

VAR = Path(os.environ.get("HELPDESK_VAR", HOME / "var"))
READY_SECONDS = 90
COLOURS = ("36", "33", "32", "35", "34", "31")


class Stop(Exception):
    """Ctrl-C, or the machine asked us to end."""


def main() -> None:
    """Run the demo until it is stopped. Every refusal is one sentence with the way on."""
    options = _options()
    for how in _stop_signals():
        signal.signal(how, _stop)
    try:
        _claim_folder()
        _claim_ports(options)
        _run(options)
    except NotStarted as refusal:
        give_up(str(refusal))
    except Stop:
        pass


def give_up(sentence: str) -> NoReturn:
    print(f"bin/demo: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="where the desk is opened in a browser (8000)")
    parser.add_argument("--smtp-port", type=int, default=2525, help="where the desk takes mail in (2525)")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away and start anew")
    parser.add_argument("--verbose", action="store_true", help="show the log lines of all processes")
    return parser.parse_args()


def _stop_signals() -> list[signal.Signals]:
    """Ctrl-C, a polite end, and a closed terminal unless nohup said to outlive it."""
    outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM] if outlives_terminal else [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def _stop(signum, frame) -> NoReturn:
    _ignore_further_signals()
    raise Stop


def _ignore_further_signals() -> None:
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, signal.SIG_IGN)


def _claim_folder() -> None:
    """One demo at a time in a folder; the lock goes with the process, however it ends."""
    try:
        (VAR / "log").mkdir(parents=True, exist_ok=True)
        lock = os.open(VAR / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        give_up(
            "a demo is running here already. Stop it with Ctrl-C where it runs, or use another copy of the project."
        )
    except OSError as error:
        give_up(f"cannot write to {VAR} ({error.strerror}). Make the folder writable, or copy the project elsewhere.")


def _claim_ports(options: argparse.Namespace) -> None:
    Supervisor({}, VAR / "log").end_leftovers()
    for port, flag in ((options.port, "--port"), (options.smtp_port, "--smtp-port")):
        if not _is_free(port):
            give_up(
                f"port {port} is taken by another program. Stop that, or choose another: bin/demo {flag} {port + 1}"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _run(options: argparse.Namespace) -> None:
    began = time.monotonic()
    services = Embedded(VAR / "data")
    supervisor = None
    try:
        if options.fresh:
            _forget_everything(services)
        _set_environment(options, services)
        company = _prepare()
        supervisor = Supervisor(dict(os.environ), VAR / "log", say=_say)
        _start_all(supervisor, verbose=options.verbose)
        _wait_until_ready(supervisor, options.port, options.smtp_port)
        _announce(options, company, seconds=time.monotonic() - began)
        _watch(supervisor, services)
    finally:
        _stop_all(supervisor, services)


def _forget_everything(services: Embedded) -> None:
    _say("Throwing the old data away")
    services.remove()
    shutil.rmtree(VAR / "files", ignore_errors=True)
    (VAR / "demo.json").unlink(missing_ok=True)


def _set_environment(options: argparse.Namespace, services: Embedded) -> None:
    given = os.environ
    given["HELPDESK_DEMO"] = "1"
    given["DJANGO_SETTINGS_MODULE"] = "config.settings"
    given["WEB_PORT"] = str(options.port)
    given.setdefault("HELPDESK_MEDIA_ROOT", str(VAR / "files"))
    given.setdefault("HELPDESK_BASE_URL", f"http://127.0.0.1:{options.port}")
    given.setdefault("HELPDESK_SMTP_LISTEN", f"127.0.0.1:{options.smtp_port}")
    if "HELPDESK_SMTP_URL" not in given:
        given["HELPDESK_SINK_LISTEN"] = f"127.0.0.1:{_free_port()}"
        given["HELPDESK_SMTP_URL"] = f"smtp://{given['HELPDESK_SINK_LISTEN']}"
    if "DATABASE_URL" not in given:
        _say("Starting PostgreSQL")
        services.folder.mkdir(parents=True, exist_ok=True)
        services.postgres.start()
        given["DATABASE_URL"] = services.postgres.url()
    if "REDIS_URL" not in given:
        _say("Starting Redis")
        services.redis.start()
        given["REDIS_URL"] = services.redis.url


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def _prepare() -> dict[str, Any]:
    """Bring the tables, the company and the static files up to date; returns what `seed_demo` says of the company."""
    django.setup()
    _say("Preparing the tables")
    call_command("migrate", interactive=False, verbosity=0)
    _say("Collecting scripts, styles and pictures")
    collect_if_stale()
    _say("Seeding a small company")
    return json.loads(call_command("seed_demo", verbosity=0) or "{}")


def _start_all(supervisor: Supervisor, *, verbose: bool) -> None:
    _say("Starting web, worker, router, beat and smtp")
    for log in supervisor.logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
    own_sink = "HELPDESK_SINK_LISTEN" in supervisor.environ
    for number, process in enumerate(TABLE.values()):
        if process.name == "sink" and not own_sink:
            continue
        child = supervisor.start(process)
        if verbose:
            colour = COLOURS[number % len(COLOURS)]
            threading.Thread(target=_follow, args=(child.log, process.name, colour), daemon=True).start()


def _follow(log: Path, name: str, colour: str) -> None:
    with log.open(errors="replace") as lines:
        while True:
            if line := lines.readline():
                print(f"\033[{colour}m{name:7}|\033[0m {line}", end="", flush=True)
            else:
                time.sleep(0.2)


def _wait_until_ready(supervisor: Supervisor, port: int, smtp_port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not (answer := _readiness(port)).get("ready") or _is_free(smtp_port):
        supervisor.watch()
        if time.monotonic() > deadline:
            give_up(_what_is_missing(answer, supervisor))
        time.sleep(0.2)


def _readiness(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error) if error.code == 503 else {}
    except (OSError, ValueError):
        return {}


def _what_is_missing(answer: dict[str, Any], supervisor: Supervisor) -> str:
    wrong = [f"{name}: {said}" for name, said in answer.get("checks", {}).items() if said != "ok"]
    silent = "web" if not answer else "smtp"
    wrong = wrong or [f"{silent} does not answer; its last words: {last_words(supervisor.logs / f'{silent}.log')}."]
    return f"the desk is not ready after {READY_SECONDS} s. {' '.join(wrong)} The logs are in {supervisor.logs}."


def _announce(options: argparse.Namespace, company: dict[str, Any], *, seconds: float) -> None:
    url = os.environ["HELPDESK_BASE_URL"]
    smtp = os.environ["HELPDESK_SMTP_LISTEN"]
    facts = {
        "url": url,
        "smtp": smtp,
        "users": company.get("users", []),
        "widget": url + company.get("widget", "/demo/shop/"),
        "mailbox": url + company.get("mailbox", "/demo/mailbox/"),
    }
    draft = VAR / "demo.json.draft"
    draft.write_text(json.dumps(facts, indent=2) + "\n")
    draft.chmod(0o600)
    draft.replace(VAR / "demo.json")
    print(_welcome(facts, company, seconds), flush=True)


def _welcome(facts: dict[str, Any], company: dict[str, Any], seconds: float) -> str:
    host, _, port = facts["smtp"].rpartition(":")
    to = company.get("address", "support@desk.example")
    logins = [f"    {user['email']:32} {user['password']:16} {user['role']}" for user in facts["users"]]
    mail = (
        "import smtplib, email.utils as u; "
        f"smtplib.SMTP('{host}', {port}).sendmail('ann@customer.example', '{to}', "
        "'Message-ID: ' + u.make_msgid(domain='customer.example') + "
        f"'\\nFrom: Ann <ann@customer.example>\\nTo: {to}\\nSubject: My parcel\\n\\n"
        "Where is it?')"
    )
    return "\n".join(
        [
            "",
            f"  Trunkline is ready ({seconds:.0f} s). Open  {facts['url']}  and sign in as",
            "",
            *(logins or ["    (no logins: the company is empty)"]),
            "",
            "  Set yourself available (the first one above is the one who will be rung), then send a mail:",
            "",
            f'    python3 -c "{mail}"',
            "",
            f"  or chat as a visitor:       {facts['widget']}",
            f"  What the desk sends out:    {facts['mailbox']}",
            f"  All of this for scripts:    {VAR / 'demo.json'}    Logs: {VAR / 'log'}",
            "",
            "  Ctrl-C stops everything; the data stay for the next start (bin/demo --fresh starts anew).",
            "",
        ]
    )


def _watch(supervisor: Supervisor, services: Embedded) -> NoReturn:
    while True:
        supervisor.watch()
        for service in (services.postgres, services.redis):
            if service.url_is_in_use(os.environ) and not service.is_running():
                _say(f"{type(service).__name__} ended; it is started again (its log: {service.log})")
                service.start()
        time.sleep(0.5)


def _stop_all(supervisor: Supervisor | None, services: Embedded) -> None:
    _ignore_further_signals()
    _say("Stopping")
    if supervisor:
        supervisor.stop()
    services.stop()
    _say("Everything is stopped")


def _say(sentence: str) -> None:
    print(f"  {sentence}", flush=True)


if __name__ == "__main__":
    main()
