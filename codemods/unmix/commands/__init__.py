"""The commands of unmix, one module each: it parses its options, calls what does the work, prints and exits."""
