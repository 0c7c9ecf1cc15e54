"""A parent image made from the running interpreter, for engines that no registry can be reached from.

``python -m pytest_orchestrators.contract.containers.parent_image`` makes one.
"""
