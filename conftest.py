"""What the whole test suite needs: pytest's own fixture for tests of plugins."""

pytest_plugins = ["pytester"]
