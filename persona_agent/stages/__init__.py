"""What happens to a log, one module a stage. Stages never import each other: `pipeline.py` hands values on."""
