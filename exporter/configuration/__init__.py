"""What the configuration is made of: the types of its values, its sections, and its layers.

Nothing here knows a platform: `exporter.settings` puts the sections of the platforms in.
"""
