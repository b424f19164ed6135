"""tf.contrib.learn.preprocessing: words as numbers.

What save() writes, TensorFlow restores, and the other way round: the pickle
names TensorFlow's modules.
"""
import collections
import io
import pickle
import re
import types

import numpy as np

from retrograph.platform import gfile
from retrograph.platform.deprecation import deprecated

_FOLDER = "tensorflow.contrib.learn.python.learn.preprocessing."
_TEXT = _FOLDER + "text"
_VOCABULARY = _FOLDER + "categorical_vocabulary"
_INSTEAD = "Please use tensorflow/transform or tf.data."

# Capitals, a capitalised word within a word, or a word.
TOKENIZER_RE = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+",
                          re.UNICODE)


class CategoricalVocabulary:
    """Numbers of words, 0 being that of all unknown ones."""

    @deprecated(_VOCABULARY, _INSTEAD)
    def __init__(self, unknown_token="<UNK>", support_reverse=True):
        self._unknown_token = unknown_token
        self._mapping = {unknown_token: 0}
        self._support_reverse = support_reverse
        if support_reverse:
            self._reverse_mapping = [unknown_token]
        self._freq = collections.defaultdict(int)
        self._freeze = False

    def __len__(self):
        return len(self._mapping)

    def freeze(self, freeze=True):
        """From now on an unknown word is 0, not a new number."""
        self._freeze = freeze

    def _number(self, category):
        self._mapping[category] = len(self._mapping)
        if self._support_reverse:
            self._reverse_mapping.append(category)

    def get(self, category):
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._number(category)
        return self._mapping[category]

    def add(self, category, count=1):
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency, max_frequency=-1):
        """Forgets words that came up no more than min_frequency times, or
        max_frequency times; numbers the others by how often they did."""
        by_name = sorted(self._freq.items(),
                         key=lambda item: (isinstance(item[0], str), item[0]))
        counted = sorted(by_name, key=lambda item: item[1], reverse=True)
        self._mapping = {self._unknown_token: 0}
        if self._support_reverse:
            self._reverse_mapping = [self._unknown_token]
        for category, count in counted:
            if count <= min_frequency:
                break
            if max_frequency <= 0 or count < max_frequency:
                self._number(category)
        # As many as are left, be they the same ones or not.
        self._freq = dict(counted[:len(self._mapping) - 1])

    def reverse(self, class_id):
        if not self._support_reverse:
            raise ValueError("This vocabulary wasn't initialized with "
                             "support_reverse to support reverse() function.")
        return self._reverse_mapping[class_id]


@deprecated(_TEXT, _INSTEAD)
def tokenizer(iterator):
    """The words of each text."""
    for value in iterator:
        yield TOKENIZER_RE.findall(value)


class ByteProcessor:
    """Texts as arrays of bytes of one length."""

    @deprecated(_TEXT, _INSTEAD)
    def __init__(self, max_document_length):
        self.max_document_length = max_document_length

    def fit(self, x):
        """Does nothing: bytes are numbers already."""

    def fit_transform(self, x):
        return self.transform(x)

    def reverse(self, x):
        for data in x:
            document = np.trim_zeros(data.astype(np.int8), trim="b").tobytes()
            try:
                yield document.decode("utf-8")
            except UnicodeDecodeError:
                yield ""

    def transform(self, x):
        for document in x:
            if isinstance(document, str):
                document = document.encode("utf-8")
            kept = np.frombuffer(document[:self.max_document_length], np.uint8)
            yield np.pad(kept, (0, self.max_document_length - len(kept)),
                         "constant")


class VocabularyProcessor:
    """Texts as arrays of words' numbers, of one length."""

    @deprecated(_TEXT, _INSTEAD)
    def __init__(self, max_document_length, min_frequency=0, vocabulary=None,
                 tokenizer_fn=None):
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents, unused_y=None):
        """Learns the words of the texts, and no others later."""
        for tokens in self._tokenizer(raw_documents):
            for token in tokens:
                self.vocabulary_.add(token)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(self, raw_documents, unused_y=None):
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def transform(self, raw_documents):
        """An array for each text; what is too long is cut off."""
        for tokens in self._tokenizer(raw_documents):
            numbers = np.zeros(self.max_document_length, np.int64)
            for i, token in zip(range(self.max_document_length), tokens):
                numbers[i] = self.vocabulary_.get(token)
            yield numbers

    def reverse(self, documents):
        for numbers in documents:
            yield " ".join(self.vocabulary_.reverse(n) for n in numbers)

    def save(self, filename):
        stream = io.BytesIO()
        _Pickler(stream, 3).dump(self)
        with gfile.Open(filename, "wb") as f:
            f.write(stream.getvalue())

    @classmethod
    def restore(cls, filename):
        with gfile.Open(filename, "rb") as f:
            return _Unpickler(io.BytesIO(f.read())).load()


_THEIRS = {VocabularyProcessor: _TEXT, ByteProcessor: _TEXT, tokenizer: _TEXT,
           CategoricalVocabulary: _VOCABULARY}
_OURS = {(module, value.__name__): value for value, module in _THEIRS.items()}


class _Pickler(pickle._Pickler):
    """Names our classes as TensorFlow's."""

    def save_global(self, obj, name=None):
        module = _THEIRS.get(obj)
        if module is None:
            return super().save_global(obj, name)
        self.write(pickle.GLOBAL + ("%s\n%s\n" % (
            module, obj.__name__)).encode())
        self.memoize(obj)
        return None

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[types.FunctionType] = save_global


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        # TensorFlow may call its folder tensorflow_core.
        plain = module.replace("tensorflow_core.", "tensorflow.", 1)
        if (plain, name) in _OURS:
            return _OURS[plain, name]
        return super().find_class(module, name)
