"""Detection along a video or a stream: windows, their preparation, the model."""
