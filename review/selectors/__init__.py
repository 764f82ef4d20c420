"""Questions the review app answers. Lists start at what the asker may see."""
