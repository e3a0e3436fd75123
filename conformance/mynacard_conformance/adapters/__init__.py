"""The doors by which a client comes in: driver protocol, PKCS#11, Python."""
