"""Reading and writing of videos, streams and cameras; knows no model and no data set."""
