"""What `mocogan.ipynb` runs and shows, for a kernel with any Python from 3.9 on: it needs IPython and nothing else."""
