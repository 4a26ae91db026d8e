"""What was freed goes back to the machine, where the C library keeps it; elsewhere nothing happens."""

import ctypes
import sys

from landzone import memory


def test_the_call_of_the_c_library_is_found_on_linux_alone():
    found = memory._trim() is not None
    glibc = sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "malloc_trim")
    assert found == glibc


def test_release_may_be_called_at_any_time():
    memory.release()
    assert memory.release() is None
