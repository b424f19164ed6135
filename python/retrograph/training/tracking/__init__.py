"""The object-based tf.train.Checkpoint, in graph mode.

Python's, since what it walks are Python's objects: base.py says what an object
depends on, data_structures.py follows lists and dicts, graph_view.py names what
is saved, restore.py matches a checkpoint with objects, util.py is Checkpoint.
"""
