"""Parts of the auditor's verifier; `verify.py` beside this folder is its command line."""
