"""cryoDRGN's pickles read without running them."""
