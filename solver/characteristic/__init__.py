"""What a cold plate does as a part of a network: resistance and pressure drop over flow and temperature, fits, sweeps."""
