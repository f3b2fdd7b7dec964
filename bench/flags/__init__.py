"""How good the flags are: made-up trade of the sample generator, faults put into it that are known, and what is found.

python -m bench.flags --seeds development        the seeds that weights and thresholds may be looked at with
python -m bench.flags --seeds test               seeds that nothing is tuned on
"""
