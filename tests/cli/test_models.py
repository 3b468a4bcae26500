"""The list of models that ``mmstep models`` prints."""
import pytest

from mmstep.apis import find_model, list_models
from mmstep.cli.models import main


def test_all_models_with_what_there_is_of_their_weights(capsys):
    main([])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list_models()
    for line in lines:
        name, said = line.split(maxsplit=1)
        assert said == (find_model(name)[1] or 'to be trained')


def test_some_of_them(capsys):
    main(['VGG16'])
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [name for name in list_models() if 'vgg16' in name] != []


def test_none_of_that_name(capsys):
    with pytest.raises(SystemExit):
        main(['resnet-1000'])
    assert "no model has 'resnet-1000' in its name" in capsys.readouterr().err
