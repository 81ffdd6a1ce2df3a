"""What the policies say: data files, their model, and the checks that they pass."""
