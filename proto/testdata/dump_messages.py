"""Prints the wire format of TensorFlow's messages, a line for each field.

Run it with the Python of a real TensorFlow and keep what it prints:

  python proto/testdata/dump_messages.py > proto/testdata/tensorflow_1.15.5.txt

A line is "field MESSAGE NUMBER LABEL TYPE NAME [oneof ONEOF]" or
"value ENUM NUMBER NAME". proto/wire_format_test.cc compares it with ours.
"""
import importlib
import pkgutil

from google.protobuf.descriptor import FieldDescriptor

PACKAGES = ('tensorflow.core.example', 'tensorflow.core.framework',
            'tensorflow.core.protobuf', 'tensorflow.core.util')
# Where a module is depends on the version.
MODULES = ('tensorflow.contrib.tensorboard.plugins.projector'
           '.projector_config_pb2',
           'tensorflow.core.lib.core.error_codes_pb2',
           'tensorflow.python.training.checkpoint_state_pb2',
           'tensorflow.python.checkpoint.checkpoint_state_pb2')


def names(of, prefix):
  """Maps numbers to names of the constants prefix_NAME of FieldDescriptor."""
  return {
      value: name[len(prefix):].lower()
      for name, value in vars(of).items() if name.startswith(prefix)
  }


LABELS = names(FieldDescriptor, 'LABEL_')
TYPES = names(FieldDescriptor, 'TYPE_')


def dump_enum(enum):
  for value in enum.values:
    yield 'value %s %d %s' % (enum.full_name, value.number, value.name)


def dump_message(message):
  for field in message.fields:
    kind = field.message_type or field.enum_type
    line = 'field %s %d %s %s %s' % (
        message.full_name, field.number, LABELS[field.label],
        kind.full_name if kind else TYPES[field.type], field.name)
    if field.containing_oneof:
      line += ' oneof ' + field.containing_oneof.name
    yield line
  for nested in message.nested_types:
    yield from dump_message(nested)
  for enum in message.enum_types:
    yield from dump_enum(enum)


def modules():
  for name in MODULES:
    try:
      yield importlib.import_module(name)
    except ImportError:
      pass
  for name in PACKAGES:
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__):
      if module.name.endswith('_pb2'):
        yield importlib.import_module(name + '.' + module.name)


def main():
  lines = set()
  for module in modules():
    for message in module.DESCRIPTOR.message_types_by_name.values():
      lines.update(dump_message(message))
    for enum in module.DESCRIPTOR.enum_types_by_name.values():
      lines.update(dump_enum(enum))
  print('\n'.join(sorted(lines)))


main()
