"""The native family: orchestrators of this project's own contract, on TFX and ML Metadata."""
