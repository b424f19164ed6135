"""Writes every OpDef of the TensorFlow it runs under, as a serialised OpList."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from tensorflow.python import pywrap_tensorflow

with open(sys.argv[1], "wb") as f:
  f.write(pywrap_tensorflow.TF_GetBuffer(
      pywrap_tensorflow.TF_GetAllOpList()))
