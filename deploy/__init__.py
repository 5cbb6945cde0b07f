"""Runs Wordlight away from this machine: on Modal, on ZeroGPU, in containers."""
