"""Starts the processes of the table, starts again those that die, and stops them all."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.processes import HOME, Process

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 30
STEADY_SECONDS = 30
STOP_SECONDS = 8


@dataclass
class Child:
    """A process of the table, as it runs (or is about to run again)."""

    process: Process
    log: Path
    popen: subprocess.Popen | None = None
    started: float = 0
    pause: float = FIRST_PAUSE_SECONDS
    due: float | None = None

    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None


@dataclass
class Supervisor:
    """Runs processes with one environment; each writes to a log file of its own and leads its own process group."""

    environ: Mapping[str, str]
    logs: Path
    say: Callable[[str], None] = print
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, process: Process) -> Child:
        """Start `process`, or start it again. Its output is appended to `<logs>/<name>.log`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        child = self.children.setdefault(process.name, Child(process, self.logs / f"{process.name}.log"))
        with child.log.open("ab") as log:
            child.popen = subprocess.Popen(
                process.command(self.environ),
                env=process.environment(self.environ),
                cwd=HOME,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        child.started, child.due = time.monotonic(), None
        self._remember()
        return child

    def watch(self) -> None:
        """Look after everyone once: note who died, start again whose pause is over."""
        now = time.monotonic()
        for child in self.children.values():
            if child.due is not None and now >= child.due:
                self.start(child.process)
            elif child.due is None and not child.is_running():
                self._schedule_restart(child, now)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send `how` to the process and all its children, and wait for the end of it."""
        if child := self.children.get(name):
            _signal_group(child.popen, how)
            if child.popen:
                child.popen.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask everyone to end, wait, and kill who does not."""
        for child in self.children.values():
            if child.is_running() and child.popen:
                child.popen.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            _wait_until(child.popen, deadline)
            _signal_group(child.popen, signal.SIGKILL)
            _wait_until(child.popen, deadline + 2)
        self.children.clear()
        self._remember()

    def end_leftovers(self) -> None:
        """End what an earlier supervisor, killed before it could stop anyone, left running."""
        left = [process for line in _lines(self._pid_file) if (process := _same_process(*line.split()))]
        for process in left:
            os.killpg(process.pid, signal.SIGKILL)
        psutil.wait_procs(left, STOP_SECONDS)
        self._pid_file.unlink(missing_ok=True)

    def _schedule_restart(self, child: Child, now: float) -> None:
        _signal_group(child.popen, signal.SIGKILL)  # its children: what they were doing is done again
        if now - child.started > STEADY_SECONDS:
            child.pause = FIRST_PAUSE_SECONDS
        child.due = now + child.pause
        code = child.popen.returncode if child.popen else "none"
        self.say(
            f"{child.process.name} ended (exit code {code}); it is started again in {child.pause:.0f} s. "
            f"Its last words: {last_words(child.log)} (more in {child.log})"
        )
        child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)

    def _remember(self) -> None:
        alive = [child.popen.pid for child in self.children.values() if child.popen and child.is_running()]
        lines = [f"{pid} {psutil.Process(pid).create_time():.0f}\n" for pid in alive if psutil.pid_exists(pid)]
        self._pid_file.write_text("".join(lines))

    @property
    def _pid_file(self) -> Path:
        return self.logs / "pids"


def last_words(log: Path) -> str:
    """The last line of a log, cut short."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:200] if lines else "none"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _same_process(pid: str, created: str) -> psutil.Process | None:
    """The process, unless its id has gone to another since."""
    try:
        process = psutil.Process(int(pid))
        return process if f"{process.create_time():.0f}" == created else None
    except psutil.NoSuchProcess:
        return None


def _signal_group(popen: subprocess.Popen | None, how: signal.Signals) -> None:
    if popen is None:
        return
    try:
        os.killpg(popen.pid, how)
    except (ProcessLookupError, PermissionError):
        return


def _wait_until(popen: subprocess.Popen | None, deadline: float) -> None:
    try:
        if popen:
            popen.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return
