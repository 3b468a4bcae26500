"""The classes of faults: name -> 'module:function'.

The function is a generator ``trials(folder, times)`` in a module of this package; the module is imported once its
class is run. It yields (name, trial) pairs. A trial is a callable without arguments that returns None, or in one line
what was lost, executed, left hanging or shown. ``folder`` (Path) is empty and the class's own; ``times`` (int or None)
is how often each random fault is to be tried, None for the class's own number. Chance is seeded: a campaign can be
repeated.
"""
from typing import Dict

CLASSES: Dict[str, str] = {
    'train': 'campaign.kill_training:trials',
    'infer_videos': 'campaign.kill_tools:infer_videos',
    'extract_flow': 'campaign.kill_tools:extract_flow',
    'demo_video': 'campaign.kill_tools:demo_video',
    'two_at_once': 'campaign.two_at_once:trials',
    'videos': 'campaign.videos:trials',
    'disks': 'campaign.disks:trials',
    'clients': 'campaign.clients:trials',
    'live_soak': 'campaign.live_soak:trials',
    'fuzz_checkpoints': 'campaign.fuzz_files:checkpoints',
    'fuzz_tubes': 'campaign.fuzz_files:tubes',
    'fuzz_lists_of_videos': 'campaign.fuzz_files:lists_of_videos',
    'fuzz_proposals': 'campaign.fuzz_files:proposals',
    'fuzz_dumps': 'campaign.fuzz_files:dumps',
    'fuzz_npz': 'campaign.fuzz_files:npz',
    'fuzz_annotations': 'campaign.fuzz_files:annotations',
    'fuzz_excluded': 'campaign.fuzz_files:excluded',
    'fuzz_detections': 'campaign.fuzz_files:detections',
    'fuzz_label_maps': 'campaign.fuzz_files:label_maps',
    'hostile_texts': 'campaign.hostile_files:hostile_texts',
    'hostile_pickles': 'campaign.hostile_files:hostile_pickles',
    'hostile_checkpoints': 'campaign.hostile_files:hostile_checkpoints',
}
