"""TensorBoard: event files."""

import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedasc.trackers.tracker import Log, Tracked, Tracker

_PNG_SIZE = slice(16, 24)
"""Where a PNG says its width and height."""


@dataclass(frozen=True, kw_only=True)
class TensorBoardTracker(Tracker):
    """Writes what `tensorboard --logdir` shows."""

    needs = ("tensorboard",)

    def log(self, run: Tracked) -> Log:
        return _TensorBoardLog(run)


class _TensorBoardLog:
    """What PyTorch's writer does, of which the import alone takes seconds."""

    def __init__(self, run: Tracked) -> None:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._settings, self._key = dict(run.settings), run.key
        self._writer = EventFileWriter(run.place)
        self._night = max(run.n_nights - 1, 0)
        if run.n_nights:
            # What was written of nights that weren't done with is taken back.
            start = SessionLog(status=SessionLog.START)
            self._writer.add_event(
                Event(wall_time=time.time(), step=run.n_nights, session_log=start)
            )
        else:
            rows = "".join(f"| {name} | {value} |\n" for name, value in run.settings.items())
            self._text("settings", f"| setting | value |\n| --- | --- |\n{rows}")

    def night(self, number: int, numbers: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        self._night = number
        values = [Summary.Value(tag=name, simple_value=value) for name, value in numbers.items()]
        self._add(Summary(value=values))
        self._writer.flush()

    def keep(self, files: Sequence[Path]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        self._add(hparams_pb(self._settings, trial_id=self._key))
        for path in files:
            if path.suffix == ".png":
                content = path.read_bytes()
                width, height = struct.unpack(">II", content[_PNG_SIZE])
                picture = Summary.Image(
                    encoded_image_string=content, width=width, height=height, colorspace=4
                )
                self._add(Summary(value=[Summary.Value(tag=path.stem, image=picture)]))
            else:
                text = path.read_text(encoding="utf-8", errors="replace")
                self._text(path.name, _indented(text))

    def close(self, *, is_finished: bool) -> None:
        self._writer.close()

    def _text(self, name: str, text: str) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto

        # TensorBoard's own function for it needs TensorFlow.
        content = TensorProto(
            dtype="DT_STRING",
            string_val=[text.encode()],
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
        )
        kind = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
        self._add(Summary(value=[Summary.Value(tag=name, metadata=kind, tensor=content)]))

    def _add(self, summary: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._writer.add_event(Event(wall_time=time.time(), step=self._night, summary=summary))


def _indented(text: str, *, longest: int = 100_000) -> str:
    """As it stands: Markdown shows what is indented so."""
    return "\n".join(f"    {line}" for line in text[:longest].splitlines())
