"""Models, files and checks that several tests share."""
