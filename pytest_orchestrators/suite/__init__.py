"""Judging: workloads, histories, evidence, the model, requirements, the verdict. Knows no system; families
bridge.
"""
