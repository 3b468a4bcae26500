"""What ``demo/*.py`` run: a video, a camera, a page in the browser."""
