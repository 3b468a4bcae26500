"""The subcommands of ``mmstep``, a line each."""
from typing import Dict, NamedTuple, Optional


class Subcommand(NamedTuple):
    """A subcommand.

    Attributes:
        module (str): Module with ``add_arguments(parser)``, which sets an example as the parser's epilog, and
            ``main()``, which reads ``sys.argv``. It is imported when the subcommand is called.
        summary (str): What it does, for ``mmstep --help``.
        extra (str, optional): The extra of the package that it needs.
    """
    module: str
    summary: str
    extra: Optional[str] = None


GROUPS: Dict[str, Dict[str, Subcommand]] = {
    'detect': {
        'detect': Subcommand('mmstep.cli.demo.demo_video', 'persons and their actions in a video, drawn and as JSON'),
        'live': Subcommand('mmstep.cli.demo.webcam_demo',
                           'the same in front of a camera, in a stream, in a played file'),
        'page': Subcommand('mmstep.cli.demo.web_demo', 'a page in the browser that takes videos', 'web'),
        'archive': Subcommand('mmstep.cli.infer_videos', 'all videos below a folder, into Parquet files', 'archive'),
    },
    'data': {
        'check': Subcommand('mmstep.cli.data.check_dataset', 'check the data sets of a config'),
        'browse': Subcommand('mmstep.cli.analysis_tools.browse_dataset', 'draw what a data set hands to the model'),
        'new-config': Subcommand('mmstep.cli.data.new_config', 'a config for a data set of your own'),
        'frames': Subcommand('mmstep.cli.data.extract_key_frames', 'key frames of a video as pictures, to annotate'),
        'convert': Subcommand('mmstep.cli.data.convert_annotations', 'annotations of CVAT, VIA, Label Studio ...'),
        'flow': Subcommand('mmstep.cli.data.extract_flow', 'optical flow of all videos below a folder'),
        'prepare': Subcommand('mmstep.cli.data.prepare_tubes', 'put UCF101-24 or J-HMDB in place and check it'),
    },
    'train and score': {
        'train': Subcommand('mmstep.cli.train', 'train a detector'),
        'test': Subcommand('mmstep.cli.test', 'test a detector'),
        'eval': Subcommand('mmstep.cli.evaluate_tubes', "score anybody's detections: frame-mAP, video-mAP, AVA"),
        'eval-dump': Subcommand('mmstep.cli.analysis_tools.eval_dump', 'score again what `mmstep test --dump` wrote'),
        'plot': Subcommand('mmstep.cli.analysis_tools.plot_run', 'curves of runs, bars of classes, confusions'),
        'fuse': Subcommand('mmstep.cli.fuse_results', 'fuse dumped predictions, of RGB and flow for instance'),
    },
    'models': {
        'models': Subcommand('mmstep.cli.models', 'models by name, and whether there are weights'),
        'download': Subcommand('mmstep.cli.download', 'weights of other projects, or where they are'),
        'publish': Subcommand('mmstep.cli.deployment.publish_model', 'a file of weights to give away'),
        'export': Subcommand('mmstep.cli.deployment.export_onnx', 'a detector as ONNX', 'onnx'),
        'quantize': Subcommand('mmstep.cli.deployment.quantize_onnx', 'an exported detector in 8 bits', 'onnx'),
        'browser': Subcommand('mmstep.cli.deployment.browser_page', "a page that detects in the visitor's browser",
                              'onnx'),
    },
    'this installation': {
        'setup': Subcommand('mmstep_command.set_up', 'install the OpenMMLab stack, with the operators of mmcv'),
        'completion': Subcommand('mmstep_command.completion', 'a script that completes this command in a shell'),
    },
}
SUBCOMMANDS: Dict[str, Subcommand] = {name: item for group in GROUPS.values() for name, item in group.items()}
