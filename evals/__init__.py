"""The measuring side: planted worlds, suites, benchmarks. Imports the package; the package never imports this."""
