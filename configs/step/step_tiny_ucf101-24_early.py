# The small model of the mini set on UCF101-24 itself, RGB and flow in one input: for a look at the whole way, from
# videos to video-mAP, on a CPU and on few videos. tools/data/ucf101_24/README.md says where the data go. First:
# python tools/data/extract_flow.py data/ucf101_24/videos data/ucf101_24/flow --method dis
_base_ = ['step_tiny_mini-ucf_early.py']

class_names = [
    'Basketball', 'BasketballDunk', 'Biking', 'CliffDiving', 'CricketBowling', 'Diving', 'Fencing', 'FloorGymnastics',
    'GolfSwing', 'HorseRiding', 'IceDancing', 'LongJump', 'PoleVault', 'RopeClimbing', 'SalsaSpin', 'SkateBoarding',
    'Skiing', 'Skijet', 'SoccerJuggling', 'Surfing', 'TennisSwing', 'TrampolineJumping', 'VolleyballSpiking',
    'WalkingWithDog'
]
num_classes = len(class_names)
model = dict(
    # Frames of 320x240 become 160x160: actors move by some pixels a frame.
    data_preprocessor=dict(flow_scale=3.),
    roi_head=dict(
        bbox_head=dict(num_classes=num_classes),
        # Dancers and players overlap each other more than figures of the mini set do.
        test_cfg=dict(nms=dict(iou_threshold=0.5))))

scale = (160, 160)
train_pipeline = [dict(t, scale=scale) if t['type'] == 'TubeResize' else t for t in _base_.train_pipeline]
test_pipeline = [dict(t, scale=scale) if t['type'] == 'TubeResize' else t for t in _base_.test_pipeline]

data_root = 'data/ucf101_24'
ann = dict(ann_file=f'{data_root}/annotations/pyannot.pkl', test_list=f'{data_root}/annotations/testlist01.txt')
data_prefix = dict(img=f'{data_root}/videos', flow=f'{data_root}/flow')
# Videos are untrimmed: clips without an actor teach where an action ends.
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline, background=True, **ann))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline, **ann))
test_dataloader = val_dataloader
val_evaluator = dict(
    rules=dict(_delete_=True, type='act', tubelet_nms_thr=0.5), trim=dict(switch_cost=1.0, threshold=0.3), **ann)
test_evaluator = val_evaluator
