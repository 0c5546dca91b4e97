"""A hall of racks over a year: facility water, air, heat rejection, weather and electricity."""
