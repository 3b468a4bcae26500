"""Packaging of mmstep."""
import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
EXTRAS = ('web', 'archive', 'onnx', 'openvino', 'completion', 'docs', 'dev')  # files of tools/requirements
# What MIM and MMEngine look for in the folder .mim of an installed package.
MODEL_ZOO = ('configs', 'tools', 'model-index.yml')


def read_version() -> str:
    """Reads the version without importing the package, which needs torch."""
    text = (ROOT / 'mmstep' / 'version.py').read_text(encoding='utf-8')
    return re.search(r"__version__ = '([^']+)'", text).group(1)


def model_zoo_files() -> list:
    """Lists the files of :data:`MODEL_ZOO`, relative to the root."""
    found = [path for name in MODEL_ZOO for path in [ROOT / name, *(ROOT / name).rglob('*')]]
    return sorted(
        str(path.relative_to(ROOT)) for path in found
        if path.is_file() and '__pycache__' not in path.parts and path.suffix != '.pyc')


def requirements(extra: str) -> list:
    """Reads what ``tools/requirements`` lists for an extra: any version from the tested one on."""
    lines = (ROOT / 'tools' / 'requirements' / f'{extra}.txt').read_text(encoding='utf-8').splitlines()
    return [line.replace('==', '>=') for line in lines if line and not line.startswith('#')]


def long_description() -> str:
    """README without what PyPI cannot show: relative links and pictures.

    The page of a package has no files beside it. With the address of the repository in ``MMSTEP_URL`` they lead there,
    without one a picture is left out and a link is its text.
    """
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    url = os.environ.get('MMSTEP_URL', '').rstrip('/')
    local = r'\[([^\]]*)\]\((?!https?://|#)([^)]+)\)'
    if url:
        text = re.sub('!' + local, rf'![\1]({url}/raw/main/\2)', text)
        return re.sub('(?<!!)' + local, rf'[\1]({url}/blob/main/\2)', text)
    # The picture goes with its caption, the paragraph in italics below it.
    return re.sub(local, r'\1', re.sub('!' + local + r'\n\n(\*[^*]+\*\n\n)?', '', text))


class BuildWithModelZoo(build_py):
    """Puts configs, tools and model index into the built package, as ``mmstep/.mim``; the source tree stays as it is.

    An editable installation needs no copy: it is run from the source tree, which has them at its top.
    """

    def run(self) -> None:
        """Builds the package, then copies the files next to it."""
        super().run()
        if self.editable_mode:
            return
        shutil.rmtree(Path(self.build_lib, 'mmstep', '.mim'), ignore_errors=True)  # of an earlier build in this tree
        for source, target in self._zoo_mapping().items():
            self.mkpath(str(Path(target).parent))
            self.copy_file(source, target)

    def get_source_files(self) -> list:
        """Lists what an sdist needs."""
        return [*super().get_source_files(), *model_zoo_files()]

    def get_outputs(self, include_bytecode: bool = True) -> list:
        """Lists what the build makes."""
        return [*super().get_outputs(include_bytecode), *([] if self.editable_mode else self._zoo_mapping().values())]

    def _zoo_mapping(self) -> dict:
        return {name: str(Path(self.build_lib, 'mmstep', '.mim', name)) for name in model_zoo_files()}


setup(
    name='mmstep',
    version=read_version(),
    description='STEP: spatio-temporal progressive learning for video action '
    'detection, as registered components for MMAction2',
    long_description=long_description(),
    long_description_content_type='text/markdown',
    author='The mmstep authors',
    license='Apache-2.0',
    project_urls={
        'Paper': 'https://arxiv.org/abs/1904.09288',
        'MMAction2': 'https://github.com/open-mmlab/mmaction2',
        **(dict(Source=os.environ['MMSTEP_URL']) if os.environ.get('MMSTEP_URL') else {}),
    },
    keywords='spatio-temporal action detection, AVA, video understanding, MMAction2, OpenMMLab',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
    packages=find_packages(include=('mmstep', 'mmstep.*', 'mmstep_command')),
    entry_points=dict(console_scripts=['mmstep = mmstep_command:main']),
    package_data={
        'mmstep': [
            'py.typed', 'weights/*', 'apis/deployment/browser_page/*.html', 'apis/deployment/browser_page/*.js'
        ]
    },
    exclude_package_data={'': ['*.pyi']},  # Gradio writes one beside a file of the page
    cmdclass=dict(build_py=BuildWithModelZoo),
    zip_safe=False,
    python_requires='>=3.10,<3.13',
    install_requires=[
        'av>=17',
        'decord>=0.6.0; platform_machine == "x86_64"',
        'decord2; platform_machine != "x86_64"',
        'importlib_metadata',  # mmaction2 1.2.0 imports it and does not declare it
        'matplotlib',
        'numpy',
        'pillow',
        'rich',
        'scipy',
        'torch>=2.6',
    ],
    # As in MMAction2, the OpenMMLab packages are not in install_requires: mmcv has to be built against the torch in
    # place, and pip would pull in opencv-python next to a headless OpenCV. `import mmstep` checks the versions.
    extras_require={
        'mim': ['mmengine>=0.10.7', 'mmcv>=2.1.0,<2.2.0', 'mmdet>=3.3.0,<3.4.0', 'mmaction2>=1.2.0,<1.3.0'],
        **{
            extra: requirements(extra)
            for extra in EXTRAS
        },
    },
)
