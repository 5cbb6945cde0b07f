"""Runs Whisper on the GPU that a Space with ZeroGPU lends for some seconds at a time.

`spaces` must be imported before anything asks for a GPU, and before the page is launched. It is part of every Gradio
Space. Outside a Space with ZeroGPU its decorator changes nothing.
"""

from __future__ import annotations

from typing import Any

from engine.errors import Busy
from engine.recognition.lent_gpu import GpuTask, RunOnGpu, run_task

LOAD_SECONDS = 20  # to start the process with the GPU and load the largest model
TIMES_REAL_TIME = (
    20  # lower bound of the speed of large-v3-turbo on a GPU of ZeroGPU, in seconds of audio a second
)


def seconds_of_gpu(task: GpuTask) -> int:
    """Returns for how many seconds the GPU is asked for, from the length of the audio."""
    return LOAD_SECONDS + round(task.seconds / TIMES_REAL_TIME)


def lent_gpu() -> RunOnGpu:
    """Returns the function that runs tasks on the lent GPU."""
    import spaces

    lent = spaces.GPU(duration=seconds_of_gpu)(run_task)

    def run_on_gpu(task: GpuTask) -> Any:
        """Runs a task. Raises Busy if the Space gets no GPU."""
        from gradio import Error

        try:
            return lent(task)
        except Error as error:
            raise Busy(f"The Space gets no GPU now: {error.message}", "Try again later.") from error

    return run_on_gpu
