"""How large an enterprise is, by the national classification."""
