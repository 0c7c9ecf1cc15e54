"""The requirements of the contract, a module for each group: one decorated function each."""
