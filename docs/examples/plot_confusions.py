"""
What is taken for what, before and after
========================================

Of the windows of each scene (lines), how many were taken for which (columns), by the classifier
that is shipped, the personal ones, the comprehensive one and the teacher. The diagonal is right.
"""

from small_run import small_run

run = small_run()
figure = run.plot.confusions()
