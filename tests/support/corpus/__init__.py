"""Real video files of every kind, made on the spot: sound, damaged and hostile ones.

Importable as `corpus` in every test below tests/data (see conftest.py there).
"""
