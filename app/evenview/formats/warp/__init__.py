"""What M's files say of particles, at each point in time."""
