# The 60 classes of the AVA challenge 2018, those with at least 25 validation examples: ids of the label map, and their
# names in the same order.
ava_classes = [
    1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 22, 24, 26, 27, 28, 29, 30, 34, 36, 37, 38, 41, 43, 45, 46,
    47, 48, 49, 51, 52, 54, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 72, 73, 74, 76, 77, 78, 79, 80
]
ava_class_names = [
    'bend/bow (at the waist)', 'crouch/kneel', 'dance', 'fall down', 'get up', 'jump/leap', 'lie/sleep', 'martial art',
    'run/jog', 'sit', 'stand', 'swim', 'walk', 'answer phone', 'carry/hold (an object)', 'climb (e.g., a mountain)',
    'close (e.g., a door, a box)', 'cut', 'dress/put on clothing', 'drink', 'drive (e.g., a car, a truck)', 'eat',
    'enter', 'hit (an object)', 'lift/pick up', 'listen (e.g., to music)', 'open (e.g., a window, a car door)',
    'play musical instrument', 'point to (an object)', 'pull (an object)', 'push (an object)', 'put down', 'read',
    'ride (e.g., a bike, a car, a horse)', 'sail boat', 'shoot', 'smoke', 'take a photo',
    'text on/look at a cellphone', 'throw', 'touch (an object)', 'turn (e.g., a screwdriver)', 'watch (e.g., TV)',
    'work on a computer', 'write', 'fight/hit (a person)', 'give/serve (an object) to (a person)', 'grab (a person)',
    'hand clap', 'hand shake', 'hand wave', 'hug (a person)', 'kiss (a person)', 'lift (a person)',
    'listen to (a person)', 'push (another person)', 'sing to (e.g., self, a person, a group)',
    'take (an object) from (a person)', 'talk to (e.g., self, a person, a group)', 'watch (a person)'
]
