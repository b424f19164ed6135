"""TensorFlow's messages, by name: protos.GraphDef, protos.SaverDef, ...

Each is imported when it is first asked for: protobuf takes longer to import
than all the rest of the package.
"""
import functools
import importlib

_FILES = {
    "attr_value": ("AttrValue", "NameAttrList"),
    "checkpoint_state": ("CheckpointState",),
    "cluster": ("ClusterDef", "JobDef"),
    "config": ("ConfigProto", "GPUOptions", "GraphOptions", "OptimizerOptions",
               "RunMetadata", "RunOptions", "ThreadPoolOptionProto"),
    "device_attributes": ("DeviceAttributes",),
    "event": ("Event", "LogMessage", "SessionLog", "TaggedRunMetadata"),
    "example": ("Example", "SequenceExample"),
    "feature": ("BytesList", "Feature", "FeatureList", "FeatureLists",
                "Features", "FloatList", "Int64List"),
    "function": ("FunctionDef", "FunctionDefLibrary"),
    "graph": ("GraphDef",),
    "meta_graph": ("AssetFileDef", "CollectionDef", "MetaGraphDef",
                   "SignatureDef", "TensorInfo"),
    "node_def": ("NodeDef",),
    "op_def": ("OpDef", "OpList"),
    "projector_config": ("EmbeddingInfo", "ProjectorConfig", "SpriteMetadata"),
    "queue_runner": ("QueueRunnerDef",),
    "saved_model": ("SavedModel",),
    "saver": ("SaverDef",),
    "summary": ("HistogramProto", "Summary", "SummaryDescription",
                "SummaryMetadata"),
    "tensor": ("TensorProto", "VariantTensorDataProto"),
    "tensor_bundle": ("BundleEntryProto", "BundleHeaderProto"),
    "tensor_shape": ("TensorShapeProto",),
    "trackable_object_graph": ("TrackableObjectGraph",),
    "types": ("DataType",),
    "variable": ("SaveSliceInfoDef", "VariableDef"),
    "versions": ("VersionDef",),
}
_HOME = {name: file for file, names in _FILES.items() for name in names}


def module(file):
    """The generated module of a .proto file: module("graph")."""
    loaded = importlib.import_module("retrograph.proto.%s_pb2" % file)
    _print_file_as_of_old(loaded.DESCRIPTOR)
    return loaded


_printed_as_of_old = set()


def _print_file_as_of_old(file):
    """All messages of a file, and those of other files that are part of them."""
    if file.name in _printed_as_of_old or file.name.startswith("google/"):
        return
    _printed_as_of_old.add(file.name)
    for message in file.message_types_by_name.values():
        _print_as_of_old(message)
    for other in file.dependencies:
        _print_file_as_of_old(other)


def _print_as_of_old(descriptor):
    """str() of a message as in TensorFlow 1's time: fields by number, maps
    sorted, 10000.0 rather than 10000."""
    cls = descriptor._concrete_class
    if not descriptor.GetOptions().map_entry:
        cls.__str__ = cls.__repr__ = text
    for nested in descriptor.nested_types:
        _print_as_of_old(nested)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError("there is no message %s" % name)
    value = getattr(module(_HOME[name]), name)
    globals()[name] = value
    return value


@functools.lru_cache(maxsize=None)
def _printer():
    """protobuf's printer, but a float has the digits of its exact value.

    Releases from 7 on have no argument `float_format` that would do it.
    """
    from google.protobuf import descriptor
    from google.protobuf import text_format
    float_type = descriptor.FieldDescriptor.CPPTYPE_FLOAT

    class Printer(text_format._Printer):
        def PrintFieldValue(self, field, value):  # noqa: N802
            if field.cpp_type == float_type:
                self.out.write(str(value))
            else:
                super().PrintFieldValue(field, value)
    return Printer, text_format.TextWriter


def text(message):
    printer, writer = _printer()
    out = writer(False)
    printer(out, as_utf8=False).PrintMessage(message)
    return out.getvalue()
