"""cryoSPARC datasets: the bytes, the companion beside a file, the table they make together."""
