"""What comes in: the data dictionary, faults, readers, and the validated portfolio."""
