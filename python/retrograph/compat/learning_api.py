"""The parts of the API that learn: layers, losses, gradients, optimizers."""
from retrograph import api
from retrograph.framework import op_library
from retrograph.layers import base
from retrograph.layers import core
from retrograph.layers import image
from retrograph.layers import keras_layers
from retrograph.layers import normalization
from retrograph.layers import pooling
from retrograph.ops import array_ops
from retrograph.ops import candidate_sampling_ops
from retrograph.ops import classification_metrics
from retrograph.ops import clip_ops
from retrograph.ops import confusion
from retrograph.ops import conv_ops
from retrograph.ops import gradients
from retrograph.ops import init_ops
from retrograph.ops import losses
from retrograph.ops import metrics
from retrograph.ops import distributions
from retrograph.ops import functional_ops
from retrograph.ops import image_ops
from retrograph.ops import nn_ops
from retrograph.ops import numeric_functions
from retrograph.ops import normalization_ops
from retrograph.ops import rank_checks
from retrograph.ops import rnn
from retrograph.ops import rnn_cell
from retrograph.ops import template
from retrograph.training import input as input_lib
from retrograph.training import learning_rate_decay
from retrograph.training import optimizer
from retrograph.training import optimizers


def sparse_to_dense(sparse_indices, output_shape, sparse_values,
                    default_value=0, validate_indices=True, name=None):
    """A tensor of the default value, but for some places."""
    return op_library.gen.sparse_to_dense(
        sparse_indices, output_shape, sparse_values,
        default_value=default_value, validate_indices=validate_indices,
        name=name)


CELLS = ("BasicLSTMCell BasicRNNCell DeviceWrapper DropoutWrapper GRUCell "
         "LSTMCell LSTMStateTuple MultiRNNCell RNNCell ResidualWrapper")


def _add(target, module, names):
    for name in names.split():
        setattr(target, name, getattr(module, name))


def extend(tf):
    """Adds them to the module `tf`."""
    _add(tf, gradients, "AggregationMethod UnconnectedGradients "
                        "custom_gradient gradients")
    _add(tf, clip_ops, "clip_by_average_norm clip_by_global_norm "
                       "clip_by_norm clip_by_value global_norm")
    tf._op_types["realdiv"] = tf.math._op_types["realdiv"] = "RealDiv"
    tf.orthogonal_initializer = init_ops.Orthogonal
    tf.initializers.orthogonal = init_ops.Orthogonal
    tf.keras.initializers.Orthogonal = init_ops.Orthogonal
    tf.keras.initializers.orthogonal = init_ops.Orthogonal
    tf.sequence_mask = array_ops.sequence_mask
    tf.math.zero_fraction = nn_ops.zero_fraction
    _add(tf, functional_ops, "foldl foldr map_fn scan")
    _extend_numbers(tf)
    _extend_nn(tf.nn)
    _add(tf.random, candidate_sampling_ops,
         "all_candidate_sampler learned_unigram_candidate_sampler "
         "log_uniform_candidate_sampler uniform_candidate_sampler")
    tf.sparse_to_dense = sparse_to_dense
    for module in (tf, tf.debugging):
        _add(module, rank_checks,
             "assert_negative assert_non_negative assert_non_positive "
             "assert_positive assert_rank assert_rank_at_least "
             "assert_rank_in assert_type")
    _extend_train(tf.train)
    _make_layers(tf)
    _make_image(tf)
    api.submodule(tf, "metrics", {})
    _add(tf.metrics, metrics,
         "accuracy mean mean_absolute_error mean_per_class_accuracy "
         "mean_relative_error mean_squared_error percentage_below "
         "root_mean_squared_error")
    _add(tf.metrics, classification_metrics,
         "auc false_negatives false_positives mean_iou precision recall "
         "true_negatives true_positives")
    tf.confusion_matrix = tf.math.confusion_matrix = \
        confusion.confusion_matrix
    tf.make_template = template.make_template
    api.submodule(tf, "distributions", {
        "Normal": distributions.Normal,
        "kl_divergence": distributions.kl_divergence})
    api.submodule(tf, "losses", {
        name: value for name, value in vars(losses).items()
        if getattr(value, "__module__", None) == losses.__name__ and
        not name.startswith("_")})


def _extend_numbers(tf):
    for module in (tf, tf.math):
        _add(module, numeric_functions,
             "accumulate_n angle bincount imag log_sigmoid real "
             "reduce_logsumexp scalar_mul unsorted_segment_mean "
             "unsorted_segment_sqrt_n")
    _add(tf, numeric_functions,
         "argsort complex meshgrid setdiff1d sort where_v2")
    tf.dtypes.complex = numeric_functions.complex
    _add(tf.nn, numeric_functions,
         "crelu log_poisson_loss relu_layer weighted_cross_entropy_with_logits")
    tf._op_types["broadcast_dynamic_shape"] = "BroadcastArgs"
    tf.lin_space = tf.linspace
    tf.arg_max, tf.arg_min = tf.argmax, tf.argmin


def _extend_nn(nn):
    nn.embedding_lookup = nn_ops.embedding_lookup
    _add(nn, normalization_ops,
         "batch_norm_with_global_normalization batch_normalization "
         "fused_batch_norm moments normalize_moments sufficient_statistics "
         "weighted_moments")
    nn._op_types["max_pool_grad"] = "MaxPoolGrad"
    _add(nn, candidate_sampling_ops,
         "all_candidate_sampler compute_accidental_hits "
         "learned_unigram_candidate_sampler log_uniform_candidate_sampler "
         "nce_loss sampled_softmax_loss uniform_candidate_sampler")
    _add(nn, conv_ops,
         "avg_pool conv1d conv2d conv2d_transpose depthwise_conv2d max_pool "
         "separable_conv2d")
    nn._op_types["depthwise_conv2d_native"] = "DepthwiseConv2dNative"
    nn.avg_pool2d = conv_ops.avg_pool
    _add(nn, nn_ops, "top_k xw_plus_b zero_fraction")
    _add(nn, rnn, "bidirectional_dynamic_rnn dynamic_rnn "
                  "static_bidirectional_rnn static_rnn "
                  "static_state_saving_rnn")
    api.submodule(nn, "rnn_cell", {
        name: getattr(rnn_cell, name) for name in CELLS.split()})


def _extend_train(train):
    train.Optimizer = optimizer.Optimizer
    _add(train, optimizers,
         "AdadeltaOptimizer AdagradOptimizer AdamOptimizer FtrlOptimizer "
         "GradientDescentOptimizer MomentumOptimizer "
         "ProximalAdagradOptimizer ProximalGradientDescentOptimizer "
         "RMSPropOptimizer")
    _add(train, learning_rate_decay,
         "cosine_decay exponential_decay inverse_time_decay natural_exp_decay "
         "piecewise_constant polynomial_decay")
    _add(train, input_lib,
         "batch input_producer limit_epochs maybe_batch maybe_shuffle_batch "
         "range_input_producer shuffle_batch slice_input_producer "
         "string_input_producer")
    train.piecewise_constant_decay = learning_rate_decay.piecewise_constant


def _make_image(tf):
    api.submodule(tf, "image", {
        name: value for name, value in vars(image_ops).items()
        if not name.startswith("_") and getattr(
            value, "__module__", "").startswith("retrograph.ops.image_")},
        image_ops.OPS)
    tf.image.random_crop = tf.random_crop
    _add(tf.io, image_ops, "decode_image is_jpeg")
    tf.io._op_types.update((name, op_type)
                           for name, op_type in image_ops.OPS.items()
                           if "jpeg" in name or name.startswith("decode_"))


def _make_layers(tf):
    members = {}
    for module, names in (
            (base, "InputSpec Layer"),
            (core, "Dense Dropout Flatten dense dropout flatten"),
            (image, "Conv1D Conv2D Conv2DTranspose SeparableConv2D conv1d "
                    "conv2d conv2d_transpose separable_conv2d"),
            (pooling, "AveragePooling1D AveragePooling2D MaxPooling1D "
                      "MaxPooling2D average_pooling1d average_pooling2d "
                      "max_pooling1d max_pooling2d"),
            (normalization, "BatchNormalization batch_normalization")):
        members.update({name: getattr(module, name) for name in names.split()})
    api.submodule(tf, "layers", members)
    api.submodule(tf.keras, "layers", {"Dense": keras_layers.Dense})
