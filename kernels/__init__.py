"""CUDA C++ kernels, their backends (cuda, host, numpy) and one launch interface."""
