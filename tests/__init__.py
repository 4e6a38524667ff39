"""Tests, in the folders of what they test."""

import os

# pytest's workers share the processors; threads of faiss and BLAS beside them would spend their time waiting for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
