"""Loss of power, with a layer under a running process that knows what was synced.

``write_log.c`` writes down every call by which a process changes files or makes a change durable; ``write_log`` builds
it, runs a process on it and reads the log; ``disk`` plays the log back to any point and draws what a disk may hold
there; ``run`` makes a book of each such disk and looks whether everything that was acknowledged is in it.
"""

from bench.power.run import SCRIPT, power_loss
from bench.power.write_log import CannotRecord

__all__ = ["SCRIPT", "CannotRecord", "power_loss"]
