"""Packaging of mmstep."""
import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def read_version() -> str:
    """Reads the version without importing the package, which needs torch."""
    text = (ROOT / 'mmstep' / 'version.py').read_text(encoding='utf-8')
    return re.search(r"__version__ = '([^']+)'", text).group(1)


setup(
    name='mmstep',
    version=read_version(),
    description='STEP: spatio-temporal progressive learning for video action '
    'detection, as registered components for MMAction2',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='The mmstep authors',
    license='Apache-2.0',
    keywords='spatio-temporal action detection, AVA, video understanding, MMAction2, OpenMMLab',
    classifiers=[
        'Development Status :: 4 - Beta',
        'License :: OSI Approved :: Apache Software License',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
    packages=find_packages(include=('mmstep', 'mmstep.*')),
    python_requires='>=3.10,<3.13',
    install_requires=[
        'decord>=0.6.0; platform_machine == "x86_64"',
        'decord2; platform_machine != "x86_64"',
        'importlib_metadata',  # mmaction2 1.2.0 imports it and does not declare it
        'numpy',
        'torch>=2.6',
    ],
    # As in MMAction2, the OpenMMLab packages are not in install_requires: mmcv has to be built against the torch in
    # place, and pip would pull in opencv-python next to a headless OpenCV. `import mmstep` checks the versions.
    extras_require={
        'mim': ['mmengine>=0.10.7', 'mmcv>=2.1.0,<2.2.0', 'mmdet>=3.3.0,<3.4.0', 'mmaction2>=1.2.0,<1.3.0'],
        'tests': ['pytest', 'pytest-xdist', 'hypothesis'],
    },
)
