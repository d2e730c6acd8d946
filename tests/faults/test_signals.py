"""Signals at random moments to a run of a program under real py-spy."""
import os
import random
import signal
import subprocess
import sys
import time

import faults
from check import PROGRAM, equal, finish, test
from pyspy.pyspy import BUSY, Place, plain_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL,
           signal.SIGPIPE, signal.SIGSEGV, signal.SIGALRM)
COUNT = 60 if faults.ALL else 12
TREE = ("import subprocess, sys\n"
        "subprocess.run([sys.executable, sys.argv[1], '0.6'])\n")


def begin():
    os.setsid()
    plain_signals()


@test
def nothing_is_left_after_signals_at_random():
    chance = random.Random(faults.SEED)
    with Place() as place:
        busy, tree = place.file("busy.py", BUSY), place.file("tree.py", TREE)
        for number in range(COUNT):
            words = chance.choice(([busy, "0.6"], [tree, busy],
                                   ["--", "sh", "-c", "%s %s 0.6; :" % (sys.executable, busy)]))
            which, delay = chance.choice(SIGNALS), chance.uniform(0, 1.2)
            to_group = which != signal.SIGKILL and chance.random() < 0.3
            what = "FAULTS_SEED=%d, number %d: %s after %.3f s to %s%s" % (
                faults.SEED, number, which.name, delay, words, " as a group" if to_group else "")
            process = subprocess.Popen([PROGRAM, "top.lua", *words], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env=place.environment(), preexec_fn=begin)
            time.sleep(delay)
            if process.poll() is None:
                os.killpg(process.pid, which) if to_group else process.send_signal(which)
            err = process.communicate(timeout=300)[1]
            equal(place.left(), [], what)
            assert "Sanitizer" not in err, (what, err)


finish()
