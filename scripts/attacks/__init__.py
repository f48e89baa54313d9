"""The attacks of scripts/attack.py: each module has a function cases(rng) that lists what to try."""
