"""Prints what TensorBoard finds in a folder of event files, as JSON."""
import json
import sys

from tensorboard.backend.event_processing import event_accumulator

events = event_accumulator.EventAccumulator(
    sys.argv[1], size_guidance={event_accumulator.HISTOGRAMS: 0})
events.Reload()
histogram = events.Histograms("spread")[-1].histogram_value
json.dump({
    "scalars": [(e.step, e.value) for e in events.Scalars("loss")],
    "histogram": [histogram.min, histogram.max, histogram.num, histogram.sum],
    "images": [(e.width, e.height, e.encoded_image_string.hex())
               for e in events.Images("picture")],
    "nodes": [(n.name, n.op) for n in events.Graph().node],
    "meta_graph": events.Tags()["meta_graph"],
}, sys.stdout)
