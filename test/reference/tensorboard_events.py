"""Makes the TensorBoard fixtures of test/fixtures/store with tensorboard's and PyTorch's own writers.

    python test/reference/tensorboard_events.py

Each folder is a log; the .json beside it holds {tag: [[step, value], ...]} as TensorBoard's EventAccumulator or the script itself says.
"""
import io
import json
import os
import shutil
import struct

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'store')
NAME = 'events.out.tfevents.1735689600.fixture'


def folder(name):
    path = os.path.join(HERE, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def write(name, events):
    data = io.BytesIO()
    writer = RecordWriter(data)
    for event in events:
        writer.write(event.SerializeToString())
    with open(os.path.join(folder(name), NAME), 'wb') as file:
        file.write(data.getvalue())


def expect(name, curves):
    with open(os.path.join(HERE, name + '.json'), 'w') as file:
        json.dump(curves, file, indent=1)
        file.write('\n')


def scalars(time, step, values):
    entries = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
    return event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=entries))


# What our writer must write, byte for byte.
write('tensorboard-writer', [
    scalars(1735689600.25, 0, {'train/loss': 4.25}),
    scalars(1735689601.5, 5_000_000_000, {'train/loss': float('nan'), 'val/recall@1': 0.0, 'é': float('-inf')}),
])

# Every type that a scalar tensor may have, in the typed field and as raw bytes.
events, curves = [event_pb2.Event(wall_time=1.0, file_version='brain.Event:2')], {}
TYPES = {
    'float': ('DT_FLOAT', 'float_val', np.float32), 'double': ('DT_DOUBLE', 'double_val', np.float64),
    'int32': ('DT_INT32', 'int_val', np.int32), 'int64': ('DT_INT64', 'int64_val', np.int64),
    'half': ('DT_HALF', 'half_val', np.float16),
}
for raw in (False, True):
    for label, (dtype, field, kind) in TYPES.items():
        tag = label + ('/raw' if raw else '/field')
        curves[tag] = []
        for step, value in enumerate((1.5, -2.0, 1000.0)):
            number = kind(value)
            tensor = tensor_pb2.TensorProto(dtype=getattr(types_pb2, dtype), tensor_shape=tensor_shape_pb2.TensorShapeProto())
            if raw:
                tensor.tensor_content = number.tobytes()
            elif field == 'half_val':
                tensor.half_val.append(struct.unpack('<H', number.tobytes())[0])
            else:
                getattr(tensor, field).append(number.item())
            entry = summary_pb2.Summary.Value(tag=tag, tensor=tensor)
            if step == 0:
                entry.metadata.plugin_data.plugin_name = 'scalars'
            events.append(event_pb2.Event(wall_time=2.0 + step, step=step, summary=summary_pb2.Summary(value=[entry])))
            curves[tag].append([step, float(number)])
# bfloat16 has no numpy type here: the upper half of a float32.
tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_BFLOAT16, tensor_shape=tensor_shape_pb2.TensorShapeProto())
tensor.half_val.append(struct.unpack('<I', struct.pack('<f', -1.5))[0] >> 16)
events.append(event_pb2.Event(wall_time=9.0, step=-3, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag='bfloat16', tensor=tensor)])))
curves['bfloat16'] = [[-3, -1.5]]
write('tensors-of-all-types', events)
expect('tensors-of-all-types', curves)

# Text, histograms, pictures and hyperparameters beside one scalar: none of them is a curve.
events = [event_pb2.Event(wall_time=1.0, file_version='brain.Event:2'), event_pb2.Event(wall_time=1.0, graph_def=b'\x0a\x00' * 40)]
text = summary_pb2.Summary.Value(tag='note/text_summary', tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[b'hello']))
text.metadata.plugin_data.plugin_name = 'text'
histogram = summary_pb2.Summary.Value(tag='weights', tensor=tensor_pb2.TensorProto(
    dtype=types_pb2.DT_DOUBLE, tensor_content=np.zeros((1, 3)).tobytes(),
    tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1), tensor_shape_pb2.TensorShapeProto.Dim(size=3)])))
histogram.metadata.plugin_data.plugin_name = 'histograms'
custom = summary_pb2.Summary.Value(tag='custom', tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[3.0]))
custom.metadata.plugin_data.plugin_name = 'my_plugin'
old_histogram = summary_pb2.Summary.Value(tag='old', histo=summary_pb2.HistogramProto(min=0, max=1, bucket=[1, 2], bucket_limit=[0.5, 1]))
picture = summary_pb2.Summary.Value(tag='picture', image=summary_pb2.Summary.Image(height=1, width=1, colorspace=3, encoded_image_string=b'x' * 500))
loss = summary_pb2.Summary.Value(tag='loss', simple_value=0.5)
events += [event_pb2.Event(wall_time=2.0, step=1, summary=summary_pb2.Summary(value=[text, histogram, loss, custom, old_histogram, picture]))]
write('other-plugins', events)
expect('other-plugins', {'loss': [[1, 0.5]]})

# PyTorch's SummaryWriter, read back by TensorBoard itself.
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402
from torch.utils.tensorboard import SummaryWriter  # noqa: E402

path = folder('pytorch')
writer = SummaryWriter(path, flush_secs=1)
for step in range(30):
    writer.add_scalar('Loss/train', 2.0 / (step + 1), step, walltime=1735689600 + step)
    if step % 10 == 9:
        writer.add_scalar('Accuracy/val', step / 100, step, walltime=1735689600.5 + step)
        writer.add_scalar('new style', step, step, walltime=1735689600.5 + step, new_style=True)
        writer.add_scalar('double', 1 / 3, step, walltime=1735689600.5 + step, new_style=True, double_precision=True)
writer.add_text('note', 'hello', 3)
writer.close()
os.rename(os.path.join(path, os.listdir(path)[0]), os.path.join(path, NAME))
accumulator = EventAccumulator(path, size_guidance={'scalars': 0, 'tensors': 0})
accumulator.Reload()
curves = {}
for tag in accumulator.Tags()['scalars']:
    curves[tag] = [[event.step, event.value] for event in accumulator.Scalars(tag)]
for tag in accumulator.Tags()['tensors']:
    points = accumulator.Tensors(tag)
    if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == 'scalars':
        curves[tag] = [[event.step, (event.tensor_proto.float_val or event.tensor_proto.double_val)[0]] for event in points]
expect('pytorch', curves)
