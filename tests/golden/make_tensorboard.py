#!/usr/bin/env python3
"""Writes tensorboard.tfevents with the TensorBoard package's own encoder, for train_test to compare
bytes with, and reads it back as TensorBoard does.

    pip install tensorboard==2.21.0
    python tests/golden/make_tensorboard.py
"""

import base64
import pathlib
import shutil
import tempfile

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

# 2x1 pixels, RGB.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8DAwPAfAAcAAf9+CLHQAAAAAElF"
    "TkSuQmCC"
)
FILE = pathlib.Path(__file__).with_name("tensorboard.tfevents")


def scalar(tag, value):
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])


def picture(tag, png):
    image = summary_pb2.Summary.Image(
        height=1, width=2, colorspace=3, encoded_image_string=png
    )
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, image=image)])


def session_start():
    return event_pb2.SessionLog(status=event_pb2.SessionLog.START)


EVENTS = [
    dict(file_version="brain.Event:2"),
    dict(step=201, session_log=session_start()),
    dict(step=201, summary=scalar("loss/content", 0.75)),
    dict(step=300, summary=scalar("loss/content", 0.0)),
    dict(step=2**40, summary=scalar("loss/content", -1.5e-7)),
    dict(step=300, summary=picture("samples", PNG)),
]


def main():
    with open(FILE, "wb") as stream:
        writer = RecordWriter(stream)
        for number, fields in enumerate(EVENTS):
            event = event_pb2.Event(wall_time=1700000000.25 + number, **fields)
            writer.write(event.SerializeToString())

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(FILE, pathlib.Path(folder) / "events.out.tfevents.1700000000.host.1.0")
        reader = event_accumulator.EventAccumulator(folder).Reload()
        scalars = [(s.step, s.value) for s in reader.Scalars("loss/content")]
        images = [(i.step, i.width, i.height) for i in reader.Images("samples")]
        assert [step for step, _ in scalars] == [201, 300, 2**40], scalars
        assert scalars[0][1] == 0.75 and scalars[1][1] == 0.0, scalars
        assert images == [(300, 2, 1)], images
        assert reader.Images("samples")[0].encoded_image_string == PNG
    print(f"{FILE}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
