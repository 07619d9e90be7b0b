"""
Night after night, in worlds that drift
=======================================

Every night three in ten noise types give way to others, and one device in ten takes no part. The
baseline stays as it was; personal classifiers follow their users.
"""

from small_run import small_run

run = small_run()
figure = run.plot.nights()
