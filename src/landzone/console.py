"""What a person or a machine sees on stderr while a command runs."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landzone import interruption
from landzone.catalog.labels import labels

if TYPE_CHECKING:
    from landzone.model.result import AuditResult


class Console:
    """Progress and closing lines: a bar on a terminal, JSON lines for machines, else nothing until the end."""

    def __init__(self, lang: str, log_json: bool = False) -> None:
        self.lang = lang
        self.words = labels("cli", lang)
        self.log_json = log_json
        self._begun = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def say(self, word: str, **params: object) -> None:
        """Print one sentence of the catalogue on stderr."""
        if self.log_json:
            self._json({"event": word, **{k: str(v) for k, v in params.items()}})
        else:
            print(self.words[word].format(**params), file=sys.stderr)

    def progress(self, stage: str, share: float, name: str = "", **facts: object) -> None:
        """Tell that a stage has begun when a share of the whole work (0…1) is done; 1 ends the bar.

        Lines for machines also carry the ``seconds`` since the command began. ``facts`` are what else is known of a
        run of tasks, such as ``seconds_left``. An interruption that was lost on its way (some libraries swallow what is
        raised inside their callbacks) is raised again here.
        """
        interruption.pass_on()
        if self.log_json:
            event = {"event": "progress", "stage": stage, "name": name, "share": round(share, 3)}
            event["seconds"] = round(time.monotonic() - self._begun, 2)
            self._json(event | {k: round(v, 1) if isinstance(v, float) else v for k, v in facts.items()})
        elif sys.stderr.isatty():
            text = self.words.get("stage_" + stage, stage).format(name=name)
            left = facts.get("seconds_left")
            if isinstance(left, float):
                text += self.words["time_left"].format(minutes=int(left) // 60, seconds=int(left) % 60)
            self._draw(text, share)

    def results(self, out: Path, result: AuditResult) -> None:
        """Tell where map, report and workbook lie, and how many problems are listed."""
        self.say("done", out=out.resolve())
        self.say("map_at", path=(out / "map.html").resolve())
        self.say("report_at", path=(out / "report.html").resolve())
        self.say("workbook_at", path=(out / "audit.xlsx").resolve())
        counts = {"rejects": len(result.rejects), "repairs": len(result.repairs), "notes": len(result.notes)}
        self.say("counts", **counts)

    def _json(self, event: dict[str, Any]) -> None:
        print(json.dumps(event, ensure_ascii=False), file=sys.stderr, flush=True)

    def _draw(self, text: str, share: float) -> None:
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        if self._bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Terminal(stderr=True), transient=True)
            self._task = self._bar.add_task(text, total=1.0)
            self._bar.start()
        self._bar.update(self._task, completed=share, description=text)
        if share >= 1:
            self._bar.stop()
            self._bar = None
