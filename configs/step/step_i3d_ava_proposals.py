# STEP from a person detector's boxes instead of the grid: its steps refine what the detector found. The files are
# those that MMAction2 uses: https://download.openmmlab.com/mmaction/dataset/ava/<name of the file>
_base_ = ['step_i3d_ava.py']

model = dict(roi_head=dict(prior_generator=dict(_delete_=True, type='ProposalTubes')))

proposals = 'data/ava/annotations/ava_dense_proposals_{split}.FAIR.recall_93.9.pkl'
# Boxes that the detector is sure of, as in MMAction2.
train_dataloader = dict(dataset=dict(proposal_file=proposals.format(split='train'), person_det_score_thr=0.9))
val_dataloader = dict(dataset=dict(proposal_file=proposals.format(split='val'), person_det_score_thr=0.9))
test_dataloader = val_dataloader
