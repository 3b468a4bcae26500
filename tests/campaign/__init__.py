"""Fault campaign: processes killed, files mutated, disks full, many times over. Run by hand: see run.py."""
