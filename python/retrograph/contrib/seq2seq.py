"""tf.contrib.seq2seq: sequences made of sequences."""
from retrograph.contrib.attention import (  # noqa: F401
    AttentionMechanism, AttentionWrapper, AttentionWrapperState,
    BahdanauAttention, LuongAttention, hardmax)
from retrograph.contrib.seq2seq_decoder import (  # noqa: F401
    BasicDecoder, BasicDecoderOutput, Decoder, dynamic_decode)
from retrograph.contrib.seq2seq_helpers import (  # noqa: F401
    CustomHelper, GreedyEmbeddingHelper, Helper, InferenceHelper,
    SampleEmbeddingHelper, TrainingHelper)
from retrograph.contrib.seq2seq_loss import sequence_loss  # noqa: F401
