"""Questions the annotation app answers. Lists start at what the asker may see."""
