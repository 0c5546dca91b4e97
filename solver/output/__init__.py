"""HDF5, XDMF, summary, pictures."""
