"""tf.contrib.data: what tf.data.experimental has by its older name."""
from retrograph.data.experimental import enumerate_dataset
from retrograph.data.experimental import group_by_window
from retrograph.data.experimental import ignore_errors
from retrograph.data.experimental import map_and_batch
from retrograph.data.experimental import parallel_interleave
from retrograph.data.experimental import shuffle_and_repeat
from retrograph.data.experimental import unbatch
from retrograph.data.iterator_ops import make_saveable_from_iterator

__all__ = ["enumerate_dataset", "group_by_window", "ignore_errors",
           "make_saveable_from_iterator", "map_and_batch",
           "parallel_interleave", "shuffle_and_repeat", "unbatch"]
