# STEP from the grid and a person detector's boxes: whom the detector misses, a tube of the grid may find.
_base_ = ['step_i3d_ava_proposals.py']

model = dict(
    roi_head=dict(
        prior_generator=dict(
            _delete_=True,
            type='ChainedTubes',
            generators=[
                dict(type='TubeGridGenerator', scales=(4 / 3, 2), overlaps=(5 / 6, 3 / 4)),
                dict(type='ProposalTubes')
            ])))
