"""tf.contrib.learn: its data sets of digits and its vocabularies."""
import types

from retrograph.contrib import vocabulary
from retrograph.examples import mnist


class ModeKeys:
    """Names of what a model function is asked for."""
    TRAIN = "train"
    EVAL = "eval"
    INFER = "infer"


def _module(name, **members):
    made = types.ModuleType("%s.%s" % (__name__, name))
    made.__dict__.update(members)
    return made


preprocessing = _module("preprocessing", **{
    name: getattr(vocabulary, name) for name in (
        "ByteProcessor", "CategoricalVocabulary", "VocabularyProcessor",
        "tokenizer")})
datasets = _module("datasets", base=mnist, mnist=mnist)
python = _module("python", learn=_module(
    "python.learn", datasets=datasets, preprocessing=preprocessing))
