"""What Xmipp's metadata say of images."""
