"""Vocabularies of tf.contrib.learn and hyperparameters.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.contrib import learn
from tensorflow.contrib import training
from tensorflow.contrib.learn.python.learn.preprocessing import text

from case_helpers import attempt

TEXTS = ["the cat, the DOG's dish", "A dish ranAway the cat", "", "the NASA's"]


def case_processor():
    p = learn.preprocessing.VocabularyProcessor(4)
    found = [x.tolist() for x in p.fit_transform(TEXTS)]
    found += [x.tolist() for x in p.transform(["cat and dog"])]
    return found, list(p.reverse([[1, 2, 0]])), len(p.vocabulary_), \
        p.vocabulary_._mapping, p.max_document_length


def case_rare_words():
    p = text.VocabularyProcessor(5, min_frequency=1)
    found = [x.tolist() for x in p.fit_transform(TEXTS)]
    return found, p.vocabulary_._mapping, p.vocabulary_._freq


def case_own_vocabulary_and_tokens():
    v = text.CategoricalVocabulary(unknown_token="?", support_reverse=False)
    v.add("x", 3), v.add("z"), v.add("y", 3), v.add("?")
    p = text.VocabularyProcessor(
        3, vocabulary=v, tokenizer_fn=lambda t: (x.split("-") for x in t))
    found = [x.tolist() for x in p.fit_transform(["x-q-q", "z"])]
    v.trim(0, 3)
    return found, v._mapping, v._freq, v.get("q"), attempt(v.reverse, 1)


def case_saved_processor():
    p = learn.preprocessing.VocabularyProcessor(4)
    p.fit(TEXTS)
    p.save("vocabulary")  # its bytes are compared
    again = learn.preprocessing.VocabularyProcessor.restore("vocabulary")
    return [x.tolist() for x in again.transform(TEXTS)]


def case_bytes():
    p = learn.preprocessing.ByteProcessor(max_document_length=6)
    found = list(p.fit_transform(["abc", u"\xe4\xf6\xfc\xdf", b"0123456789"]))
    return [x.tolist() for x in found], list(p.reverse(found[:1])), \
        list(p.reverse([np.array([255], np.uint8)])), p.fit([])


def case_mode_keys():
    return learn.ModeKeys.TRAIN, learn.ModeKeys.EVAL, learn.ModeKeys.INFER


def params():
    return training.HParams(rate=0.1, steps=3, name="n", flag=True,
                            sizes=[1, 2], rates=(0.5,), nothing=None)


def case_hparams():
    p = params()
    p.parse("rate=1,steps=4,name=x y,flag=false,sizes=[3,4 5],rates=[1]")
    first = str(p), repr(p), p.to_json(sort_keys=True)
    p.override_from_dict({"rate": 2, "sizes": [7]}).parse_json('{"name": "j"}')
    p.set_hparam("nothing", 5)
    p.add_hparam("more", 1), p.del_hparam("steps"), p.del_hparam("absent")
    p.set_model_structure("m")
    return first, sorted(p.values().items()), "more" in p, "steps" in p, \
        p.get("more"), p.get("absent", 7), p.get("sizes", [1]), \
        p.get_model_structure(), p.rate, type(p.rate).__name__


def case_hparams_errors():
    p = params()
    return [attempt(p.parse, t) for t in (
        "steps=1.5", "flag=yes", "sizes=[1,x]", "unknown=1", "rate", "=1",
        "steps=1,steps=2", "sizes[0]=1", "sizes[0]=[1]", "sizes=[1],sizes=[2]",
        "sizes[0]=1,sizes[0]=2", "steps=[1,2]", "sizes=1", "rate=1,,steps=2",
        "steps=1,steps[0]=2", "steps=")] + [
        attempt(p.set_hparam, *a) for a in (
            ("rate", "x"), ("steps", 1.5), ("flag", 1), ("name", 1),
            ("steps", True), ("steps", [1]), ("sizes", 1), ("absent", 1))] + [
        attempt(p.add_hparam, "steps", 1), attempt(p.add_hparam, "parse", 1),
        attempt(p.add_hparam, "e", []), attempt(p.get, "rate", "x"),
        attempt(p.get, "rate", [1.]), attempt(p.get, "sizes", 1)]


def case_parse_values():
    return training.parse_values("a=1,b[1]=2,b[0]=3,u=4", {
        "a": int, "b": float}, ignore_unknown=True), \
        tf.__version__[:4]
