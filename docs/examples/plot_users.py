"""
The worlds of users
===================

Each column is a user: what she hears, how often she meets each scene, how far that is from what
the server knows, and what her microphone does. `users.png` in the folder of a run has the same.
"""

from small_run import small_run

run = small_run()
figure = run.plot.users()
