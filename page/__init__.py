"""The page: its words, its looks, its parts and what they do. The engine knows nothing of it."""
