"""Random numbers that depend on the seed and the iteration alone."""
import random

import numpy as np
import torch

from mmstep.engine.seeding import SeededDataset, mix_seed, seed_iteration, seed_sample


def drawn():
    return random.random(), np.random.rand(), torch.rand(1).item()


def test_the_same_numbers_give_the_same_draws_and_neighbours_others():
    seed_iteration(3, 0, 7)
    first = drawn()
    drawn()
    seed_iteration(3, 0, 7)
    assert drawn() == first
    others = []
    for seed, rank, iteration in ((4, 0, 7), (3, 1, 7), (3, 0, 8)):
        seed_iteration(seed, rank, iteration)
        others.append(drawn())
    assert len({first, *others}) == 4


def test_mixed_seeds_differ_and_have_32_bits():
    seeds = {mix_seed(seed, rank) for seed in range(30) for rank in range(30)}
    assert len(seeds) == 900 and all(0 <= seed < 2**32 for seed in seeds)
    assert mix_seed(1, 2) != mix_seed(2, 1)


def test_a_sample_draws_from_its_own_seed():

    class Draws(torch.utils.data.Dataset):

        def __len__(self):
            return 3

        def __getitem__(self, index):
            return index, drawn()

    dataset = SeededDataset(Draws())
    seed_sample(5)
    expected = drawn()
    assert dataset[2, 5] == (2, expected)
