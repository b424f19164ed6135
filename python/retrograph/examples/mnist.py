"""tensorflow.examples.tutorials.mnist.input_data: the handwritten digits.

The four files must be in the folder; nothing is downloaded.
"""
import collections
import gzip
import os

import numpy as np

from retrograph.framework import dtypes
from retrograph.ops import random_ops
from retrograph.platform import gfile

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
Dataset = collections.namedtuple("Dataset", ["data", "target"])
Datasets = collections.namedtuple("Datasets", ["train", "validation", "test"])


def maybe_download(filename, work_directory, source_url):
    """The path of a file, which must be there."""
    if not gfile.Exists(work_directory):
        gfile.MakeDirs(work_directory)
    path = os.path.join(work_directory, filename)
    if not gfile.Exists(path):
        raise FileNotFoundError(
            "%s is not there, and retrograph downloads nothing: fetch it from "
            "%s" % (path, source_url))
    return path


def _read(f, kind, magic, header):
    """The numbers of an IDX file: those of its header, then its bytes."""
    with gzip.GzipFile(fileobj=f) as stream:
        words = np.frombuffer(stream.read(4 * (1 + header)), ">u4")
        if words[0] != magic:
            raise ValueError("Invalid magic number %d in MNIST %s file: %s"
                             % (words[0], kind, f.name))
        sizes = [int(size) for size in words[1:]]
        data = np.frombuffer(stream.read(int(np.prod(sizes))), np.uint8)
    return sizes, data


def extract_images(f):
    """[number, rows, columns, 1] bytes of a gzipped IDX file."""
    print("Extracting", f.name)
    sizes, data = _read(f, "image", 2051, 3)
    return data.reshape(sizes + [1])


def dense_to_one_hot(labels_dense, num_classes):
    one_hot = np.zeros((labels_dense.shape[0], num_classes))
    one_hot[np.arange(labels_dense.shape[0]), labels_dense.ravel()] = 1
    return one_hot


def extract_labels(f, one_hot=False, num_classes=10):
    print("Extracting", f.name)
    _, labels = _read(f, "label", 2049, 1)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


class DataSet:
    """Images and labels, shuffled anew for each epoch."""

    def __init__(self, images, labels, fake_data=False, one_hot=False,
                 dtype=dtypes.float32, reshape=True, seed=None):
        graph_seed, op_seed = random_ops.get_seed(seed)
        np.random.seed(graph_seed if seed is None else op_seed)
        dtype = dtypes.as_dtype(dtype).base_dtype
        if dtype not in (dtypes.uint8, dtypes.float32):
            raise TypeError("Invalid image dtype %r, expected uint8 or float32"
                            % dtype)
        if fake_data:
            self._num_examples = 10000
            self.one_hot = one_hot
        else:
            assert images.shape[0] == labels.shape[0], (
                "images.shape: %s labels.shape: %s"
                % (images.shape, labels.shape))
            self._num_examples = images.shape[0]
            if reshape:
                assert images.shape[3] == 1
                images = images.reshape(images.shape[0],
                                        images.shape[1] * images.shape[2])
            if dtype == dtypes.float32:
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images = images
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    images = property(lambda self: self._images)
    labels = property(lambda self: self._labels)
    num_examples = property(lambda self: self._num_examples)
    epochs_completed = property(lambda self: self._epochs_completed)

    def _shuffle(self):
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images = self._images[order]
        self._labels = self._labels[order]

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """The next images and labels; over the end, those of a new epoch."""
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return ([[1] * 784 for _ in range(batch_size)],
                    [label for _ in range(batch_size)])
        start = self._index_in_epoch
        if shuffle and self._epochs_completed == 0 and start == 0:
            self._shuffle()
        if start + batch_size <= self._num_examples:
            self._index_in_epoch += batch_size
            end = self._index_in_epoch
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        end = batch_size - len(images)
        self._index_in_epoch = end
        return (np.concatenate((images, self._images[:end]), axis=0),
                np.concatenate((labels, self._labels[:end]), axis=0))


def _read_part(name, train_dir, source_url, one_hot):
    files = (("%s-images-idx3-ubyte.gz" % name, extract_images, {}),
             ("%s-labels-idx1-ubyte.gz" % name, extract_labels,
              {"one_hot": one_hot}))
    parts = []
    for filename, extract, options in files:
        path = maybe_download(filename, train_dir, source_url + filename)
        with gfile.Open(path, "rb") as f:
            parts.append(extract(f, **options))
    return parts


def read_data_sets(train_dir, fake_data=False, one_hot=False,
                   dtype=dtypes.float32, reshape=True, validation_size=5000,
                   seed=None, source_url=DEFAULT_SOURCE_URL):
    """The digits in the folder, for training, validation and test."""
    options = dict(dtype=dtype, seed=seed)
    if fake_data:
        return Datasets(*[DataSet([], [], fake_data=True, one_hot=one_hot,
                                  **options) for _ in range(3)])
    source_url = source_url or DEFAULT_SOURCE_URL
    images, labels = _read_part("train", train_dir, source_url, one_hot)
    test = _read_part("t10k", train_dir, source_url, one_hot)
    if not 0 <= validation_size <= len(images):
        raise ValueError("Validation size should be between 0 and {}. "
                         "Received: {}.".format(len(images), validation_size))
    n = validation_size
    options["reshape"] = reshape
    return Datasets(train=DataSet(images[n:], labels[n:], **options),
                    validation=DataSet(images[:n], labels[:n], **options),
                    test=DataSet(*test, **options))


def load_mnist(train_dir="MNIST-data"):
    return read_data_sets(train_dir)
