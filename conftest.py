"""What the whole test suite needs: pytest's own fixture for tests of plugins, and interrupts."""

import signal

pytest_plugins = ["pytester"]

# A shell has what it starts in the background ignore SIGINT, and whatever that starts in turn.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
