"""Relying parties on the internet, in this process: what they keep of their users, and what they grant to whom."""
