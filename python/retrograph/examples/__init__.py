"""What scripts take from tensorflow.examples and tf.contrib.learn.datasets."""
