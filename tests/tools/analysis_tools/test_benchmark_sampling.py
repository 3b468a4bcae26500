"""The measurement of ground truth without a positive sample."""
import benchmark_sampling
import torch
from mmaction.registry import TASK_UTILS
from mmengine.structures import InstanceData


def test_a_small_actor_loses_the_draw_by_score_and_has_its_own_first():
    # Nine candidates lie on the large actor; the small one's best candidate barely overlaps it.
    large, small = torch.tensor([0., 0, 100, 100]), torch.tensor([150., 150, 160, 160])
    priors = torch.cat([large.repeat(9, 1), torch.tensor([[140., 140, 190, 190]])])
    truth = InstanceData(bboxes=torch.stack([large, small]), labels=torch.tensor([0, 1]))
    tubes = InstanceData(priors=priors)
    assigned = TASK_UTILS.build(dict(type='TubeAssigner', pos_iou_thr=0.2)).assign(tubes, truth)
    missed = {}
    for name, sampler in (('own first', benchmark_sampling.HardAwareSampler()), ('by score',
                                                                                 benchmark_sampling.DrawByScore())):
        results = [sampler.sample(assigned, tubes, truth) for _ in range(200)]
        missed[name] = sum(benchmark_sampling.left_out(result, 2) for result in results)
    assert missed['own first'] == 0 and missed['by score'] > 150
