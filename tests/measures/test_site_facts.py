"""Ground of parcels brought from the measured area to the area the audit uses."""

import pandas as pd

from landzone.measures.site_facts import reconciled


def test_ground_is_scaled_where_the_areas_differ_half_up_and_left_alone_elsewhere():
    ids = ["moved", "same", "nothing", "half"]
    cover = pd.Series([50, 50, 0, 1], ids)
    measured, land = pd.Series([100, 100, 0, 2], ids), pd.Series([110, 100, 5, 3], ids)
    assert reconciled(cover, measured, land).to_dict() == {"moved": 55, "same": 50, "nothing": 0, "half": 2}
    assert reconciled(None, measured, land) is None
