"""Word times, by the best means that a language has on this installation."""
