"""Case files, physics, linear solvers, output, command line."""
