"""
What each user gained
=====================

One bar or point per user, in rising order within her profile: over the classifier that she had,
and over the comprehensive one, which needs no help of hers. Who lies below zero is worse off.
"""

from small_run import small_run

run = small_run()
figure = run.plot.gains()

# %%
# The same numbers as a table, here by profile:

for profile in run.summary["profiles"]:
    name, n, gain = profile["profile"], profile["n_users"], profile["gain"]["median"]
    print(f"{name:>4}: {n:2d} users, median gain {100 * gain:+.1f} points")
