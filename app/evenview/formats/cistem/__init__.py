"""What cisTEM's text and binary files say of particles, by the same names."""
