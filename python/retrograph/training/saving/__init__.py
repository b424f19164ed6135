"""How values get into checkpoints: saveables of objects, savers of devices."""
