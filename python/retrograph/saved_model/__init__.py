"""tf.saved_model: graphs with their variables and files, for others to use."""
