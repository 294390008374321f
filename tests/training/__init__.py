"""Tests of what makes and judges the embedded model; a tiny random base stands in for the real one."""
