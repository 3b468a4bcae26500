# The classes of the mini data set (tools/data/mini).
mini_classes = ['stand', 'walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace']
