"""From an authored pipeline to a deployment, through TFX's own compiler."""
